"""Line-item exports as ERP systems write them, made for the tests: layouts in German and English, signs, sums, notes."""

from __future__ import annotations

SAP_GERMAN = """\
Einzelposten Istkosten anzeigen;;;;;;;;;;
Layout;/STELLWERK Standard;;;;;;;;;
;;;;;;;;;;
Belegnummer;BuZei;Geschäftsjahr;Periode;Buchungsdatum;Kostenart;PSP-Element;Kostenstelle;Wert/BWähr;BWähr;Buchungstext
100000001;1;2026;10;05.10.2026;417000;LUB-1.01;4100;12.500,00;EUR;Beratung Netzanschluss
100000001;2;2026;10;05.10.2026;417000;LUB-1.02;4100;1.250,50;EUR;Beratung Netzanschluss
100000002;1;2026;10;12.10.2026;400100;LUB-1;4100;830,00;EUR;Material
100000003;1;2026;10;19.10.2026;417000;LUB-1.01;4100;2.500,00-;EUR;Gutschrift
100000004;1;2026;10;20.10.2026;417000;FREMD-9;4100;99,99;EUR;Unbekanntes Objekt
*;;;;;;;;12.180,49;EUR;
"""

SAP_ENGLISH = """\
Document Number\tLine item\tFiscal Year\tPosting Date\tCost Element\tWBS Element\tCost Center\tValue TranCurr\tCurrency\tDebit/Credit\tName
200000001\t1\t2026\t10/05/2026\t417000\tLUB-1.01\t4100\t12,500.00\tUSD\tS\tConsulting
200000002\t1\t2026\t10/15/2026\t417000\tLUB-1.01\t4100\t500.00\tUSD\tH\tCredit note
"""

PLAIN = """\
Date,Account,Project,Amount,Text
2026-10-05,417000,LUB-1,100.00,First
2026-10-05,417000,LUB-1,100.00,First
2026-10-06,417000,LUB-1,250.00,Second
"""

WRONG = """\
Belegnummer;Position;Buchungsdatum;Kostenart;PSP-Element;Betrag;Währung
300000001;1;05.10.2026;417000;LUB-1;12.500,00;EUR
300000002;1;31.02.2026;417000;LUB-1;10,00;EUR
300000003;1;06.10.2026;417000;LUB-1;zehn;EUR
300000004;1;06.10.2026;417000;LUB-1;10,00;EURO-ALT
300000005;1;06.10.2026;417000;LUB-1;10,005;JPY
300000006;1;06.10.2026;417000;LUB-1;;EUR
300000007;1;06.10.2026;417000;LUB-1;7,50;USD
300000008;1;06.10.1926;417000;LUB-1;7,50;EUR
"""

REVERSALS = """\
Belegnummer;Position;Buchungsdatum;Kostenart;PSP-Element;Betrag;Währung;Stornierter Beleg
400000001;1;05.10.2026;417000;LUB-1;1.000,00;EUR;
400000002;1;07.10.2026;417000;LUB-1;1.000,00;EUR;400000001
400000003;1;08.10.2026;417000;LUB-1;-300,00;EUR;399999999
"""

COMMITMENTS_OCTOBER = """\
Einkaufsbeleg;Position;Bestelldatum;Kostenart;PSP-Element;Nettowert;Währung;Lieferant
4500000001;10;02.10.2026;417000;LUB-1.01;20.000,00;EUR;Elbe Netzbau GmbH
4500000002;10;09.10.2026;400100;LUB-1;3.000,00;EUR;Rheinstahl AG
"""
COMMITMENTS_NOVEMBER = """\
Einkaufsbeleg;Position;Bestelldatum;Kostenart;PSP-Element;Nettowert;Währung;Lieferant
4500000001;10;02.11.2026;417000;LUB-1.01;8.000,00;EUR;Elbe Netzbau GmbH
"""
