"""The columns of line-item exports, as SAP and others call them in German and English."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from stellwerk.core.errors import Text
from stellwerk.core.tabular import FieldSpec

FIELDS: Final = (
    FieldSpec("document", "key", (
        "Belegnummer", "Belegnr.", "Belegnr", "Beleg-Nr.", "Beleg", "Document number", "Document No.", "DocumentNo", "Document", "Journal entry",
        "Einkaufsbeleg", "Purchasing document", "Bestellung", "Purchase order"), (r"beleg ?n", r"document n", r"journal entry", r"einkaufsbeleg", r"purchas\w+ (?:doc|ord)"),
        avoid=(r"storno", r"revers", r"datum", r"date", r"ref"), required=True),
    FieldSpec("line", "number", (
        "Buchungszeile", "Belegzeile", "Position", "Pos.", "BuZei", "Zeile", "Line item", "Posting row", "Item", "Line"),
        (r"buchungszeile", r"^pos(?:ition)?$", r"line item", r"posting row", r"^item$", r"^zeile$", r"^line$")),
    FieldSpec("posted", "date", (
        "Buchungsdatum", "Buch.dat.", "Buchungstag", "Posting date", "Postg Date", "Pstng Date", "Datum", "Date", "Document date", "Belegdatum", "Bestelldatum"),
        (r"buchungs(?:datum|tag)", r"buch dat", r"posting date", r"p(?:o)?stn?g date"), avoid=(r"erfass", r"entry", r"faellig", r"due")),
    FieldSpec("period", "number", ("Periode", "Buchungsperiode", "Period", "Posting period", "Fiscal period"), (r"\bperiod",)),
    FieldSpec("year", "number", ("Geschäftsjahr", "GJahr", "Jahr", "Fiscal year", "Year"), (r"geschaeftsjahr", r"fiscal year", r"^jahr$", r"^year$", r"^gjahr$")),
    FieldSpec("account", "key", (
        "Kostenart", "Sachkonto", "Konto", "Hauptbuchkonto", "Cost element", "Cost elem.", "G/L account", "Account", "GL account"),
        (r"kostenart", r"sachkonto", r"^konto$", r"cost elem", r"\bg ?l account", r"^account$"), avoid=(r"bezeichn", r"name", r"text", r"gegen", r"offset", r"descr")),
    FieldSpec("object", "key", (
        "PSP-Element", "PSP", "Projekt", "Auftrag", "Innenauftrag", "Objekt", "WBS element", "WBS", "Order", "Internal order", "Object", "Project"),
        (r"\bpsp\b", r"\bwbs\b", r"auftrag", r"^order$", r"internal order", r"^objekt$", r"^object$", r"^proje[ck]t$"), avoid=(r"bezeichn", r"name", r"text", r"descr", r"klasse", r"type")),
    FieldSpec("cost_centre", "key", ("Kostenstelle", "KST", "Kostenst.", "Cost center", "Cost centre", "Cost ctr"), (r"kostenstelle", r"^kst", r"cost cent", r"cost ctr"), avoid=(r"bezeichn", r"name", r"text")),
    FieldSpec("amount", "money", (
        "Wert/BWähr", "Wert in Belegwährung", "Betrag in Belegwährung", "Betrag", "Betrag in Hauswährung", "Wert in KWähr", "Wert/KWähr", "Wert",
        "Amount", "Amount in document currency", "Amount in local currency", "Value TranCurr", "Val/COArea Crcy", "Value in Obj. Crcy", "Val.in rep.cur.", "Net value", "Nettowert"),
        (r"\bbetrag\b", r"\bwert\b", r"\bamount\b", r"\bvalue\b|\bval\b", r"nettowert"), avoid=(r"wertart", r"value type", r"datum", r"date", r"steuer", r"tax"), required=True),
    FieldSpec("currency", "category", (
        "Währung", "Belegwährung", "Transaktionswährung", "BWähr", "KWähr", "Währg", "Currency", "Document currency", "Crcy", "Transaction currency"),
        (r"waehr", r"currency", r"crcy"), avoid=(r"betrag", r"wert", r"amount", r"val")),
    FieldSpec("sign", "category", ("Soll/Haben", "S/H", "Soll/Haben-Kennz.", "Debit/Credit", "D/C", "Debit/Credit ind"), (r"soll ?haben", r"^s h\b", r"debit ?credit", r"^d c$")),
    FieldSpec("reverses", "key", ("Storno zu", "Stornobeleg", "Stornierter Beleg", "Stornierter", "Reversed with", "Reversal of", "Reverse document", "Ref. Beleg Storno"),
        (r"storn", r"revers")),
    FieldSpec("supplier", "text", ("Lieferant", "Kreditor", "Name des Gegenkontos", "Vendor", "Supplier", "Name of offsetting account", "Offsetting account name"),
        (r"lieferant", r"kreditor", r"vendor", r"supplier", r"gegenkonto")),
    FieldSpec("text", "text", ("Buchungstext", "Text", "Bezeichnung", "Positionstext", "Kurztext", "Posting text", "Name", "Item text", "Short text", "Description"),
        (r"buchungstext", r"^text$", r"kurztext", r"item text", r"short text", r"^bezeichnung$", r"description")),
    FieldSpec("quantity", "number", ("Menge", "Menge gesamt", "Stunden", "Quantity", "Total quantity", "Hours"), (r"\bmenge", r"quantity", r"stunden", r"hours")),
)  # fmt: skip

LABELS: Final[dict[str, Text]] = {
    "document": _("Document"),
    "line": _("Line"),
    "posted": _("Posting date"),
    "period": _("Period"),
    "year": _("Fiscal year"),
    "account": _("Account (cost element)"),
    "object": _("Project, WBS element or order"),
    "cost_centre": _("Cost centre"),
    "amount": _("Amount"),
    "currency": _("Currency"),
    "sign": _("Debit or credit"),
    "reverses": _("Reverses document"),
    "supplier": _("Supplier"),
    "text": _("Text"),
    "quantity": _("Quantity"),
}
CREDIT: Final = frozenset({"h", "haben", "c", "cr", "credit", "-"})
TOTALS: Final = frozenset({"*", "**", "***", "summe", "gesamt", "total", "sum", "ergebnis", "result"})
