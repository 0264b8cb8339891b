"""Words of the demo company: people, places, projects. Invented; any likeness is chance."""

from __future__ import annotations

from typing import NamedTuple

FIRST_NAMES = ["Mareike", "Henrik", "Jana", "Tim", "Svenja", "Oliver", "Katrin", "Lars", "Inga", "Matthias", "Birgit", "Jens", "Anke", "Torsten", "Wiebke", "Sören", "Nele", "Carsten", "Silke", "Björn", "Frauke", "Malte", "Heike", "Stefanie", "Ralf", "Dörte", "Ulrich", "Maren", "Holger", "Sabine", "Kai", "Annika", "Rainer", "Elena", "Murat", "Ayşe", "Tomasz", "Agnieszka", "Minh", "Yuna", "Jae-won", "Priya", "Dmitri", "Olena", "Francesca", "Luca", "Ingrid", "Thies", "Greta", "Hauke", "Fenja", "Bernd", "Gesa", "Volker", "Imke", "Kerstin", "Arne", "Lena", "Fabian", "Miriam", "Jonas", "Hanna", "Felix", "Clara", "Moritz", "Paula", "Emil", "Ida", "Anton", "Frieda", "Karl", "Marie", "Leon", "Sophie", "Max", "Julia", "David", "Nora", "Simon", "Lea", "Philipp", "Eva"]
LAST_NAMES = ["Jansen", "Voss", "Petersen", "Okafor", "Brandt", "Lorenz", "Kröger", "Behrens", "Hinrichs", "Thomsen", "Carstensen", "Albers", "Wulff", "Harms", "Detlefsen", "Claussen", "Boysen", "Rathje", "Sievers", "Lüders", "Tietjen", "Meinert", "Ohlsen", "Paulsen", "Reimers", "Struck", "Jürgens", "Kühl", "Lorenzen", "Mahnke", "Nissen", "Oldenburg", "Prahl", "Quast", "Riecken", "Schröder", "Timm", "Uhlig", "Vollmer", "Wiese", "Yılmaz", "Zander", "Kowalski", "Nowak", "Nguyen", "Kim", "Park", "Sharma", "Petrow", "Rossi", "Bianchi", "Larsen", "Hansen", "Fischer", "Weber", "Wagner", "Becker", "Hoffmann", "Schäfer", "Koch", "Bauer", "Richter", "Klein", "Wolf", "Neumann", "Schwarz", "Zimmermann", "Braun", "Krüger", "Hartmann", "Lange", "Schmitz", "Krause", "Meier", "Lehmann", "Köhler", "Herrmann", "König", "Walter", "Mayer", "Huber", "Kaiser", "Fuchs", "Peters", "Lang", "Scholz", "Möller", "Weiß", "Jung", "Hahn"]
TITLES = ("", "", "", "", "", "", "", "", "Dr.", "Dr.-Ing.")

PLACES = ["Lubmin", "Stade", "Kiel", "Rostock", "Flensburg", "Husum", "Anklam", "Salzgitter", "Bremen", "Cuxhaven", "Wismar", "Lübeck", "Emden", "Wilhelmshaven", "Brunsbüttel", "Heide", "Itzehoe", "Schwerin", "Stralsund", "Greifswald", "Neumünster", "Lüneburg", "Celle", "Uelzen", "Oldenburg", "Papenburg", "Leer", "Aurich", "Nordenham", "Brake", "Leuna", "Schkopau", "Böhlen", "Cottbus", "Guben", "Magdeburg", "Halle", "Ludwigshafen", "Marl", "Duisburg", "Dormagen", "Köln", "Wesseling", "Mannheim", "Karlsruhe", "Ulm", "Augsburg", "Burghausen", "Ingolstadt", "Passau", "Linz", "Graz", "Basel", "Rotterdam", "Antwerpen", "Esbjerg", "Malmö", "Gdynia", "Klaipėda", "Ulsan", "Incheon"]


class Idea(NamedTuple):
    """A project as the company would call it: name, programme, size, type, what it is for."""

    name: str
    programme: str
    size: str
    kind: str
    purpose: str


PROGRAMMES = {
    "H2": ("Wasserstoff", "Bis 2030 liefern wir 200 MW Elektrolyse schlüsselfertig, mit eigener Gleichrichtertechnik."),
    "FW": (
        "Fernwärme und Netze",
        "Stadtwerke an der Küste heizen ab 2029 ohne Kohle; wir bauen die Leitungen und Speicher dafür.",
    ),
    "WU": (
        "Wasser und Umwelt",
        "Klärwerke und Rauchgasreinigungen, die die Grenzwerte von 2030 heute schon einhalten.",
    ),
    "WP": ("Werk und Produktion", "Werk 2 fertigt ab 2027 ein Drittel mehr Module auf derselben Fläche."),
    "DI": (
        "Digitalisierung",
        "Ein Datenmodell vom Angebot bis zur Abnahme; keine Excel-Listen zwischen Vertrieb und Baustelle.",
    ),
    "PC": (
        "Pflicht und Compliance",
        "Gesetze und Auflagen werden vor der Frist erfüllt, ohne dass Kundenprojekte darunter leiden.",
    ),
}

IDEAS = (
    Idea(
        "Elektrolyse Lubmin 20 MW",
        "H2",
        "L",
        "Kundenanlage",
        "Schlüsselfertige PEM-Elektrolyse mit Netzanschluss und Trailerabfüllung.",
    ),
    Idea("Rauchgasreinigung Stade", "WU", "L", "Kundenanlage", "Ersatz der Nasswäsche, Bauen im laufenden Betrieb."),
    Idea(
        "ERP-Ablösung Finanzen",
        "DI",
        "L",
        "IT-Projekt",
        "Finanzbuchhaltung, Anlagenbuchhaltung und Projektcontrolling in ein System.",
    ),
    Idea("Fernwärmeleitung Kiel-Ost", "FW", "L", "Kundenanlage", "9,4 km Trasse DN 500 mit zwei Dükern."),
    Idea("Biogasaufbereitung Anklam", "WU", "M", "Kundenanlage", "Aminwäsche und Einspeisung für 700 Nm³/h."),
    Idea(
        "Wasserwerk Bremen-Nord",
        "WU",
        "L",
        "Kundenanlage",
        "Neue Filterstufe und Reinwasserbehälter, 24 Monate Bauzeit.",
    ),
    Idea("Abwärme Stahlwerk Salzgitter", "FW", "M", "Kundenanlage", "Abwärme aus dem Walzwerk für 3.200 Haushalte."),
    Idea("Werk 2: Montagehalle", "WP", "L", "Investition", "4.800 m² Halle mit zwei Kranbahnen und Prüffeld."),
    Idea(
        "Leitsystem-Retrofit Husum",
        "WU",
        "M",
        "Kundenanlage",
        "Leittechnik von S5 auf aktuellen Stand, ohne Stillstand.",
    ),
    Idea("Wärmespeicher Rostock", "FW", "M", "Kundenanlage", "Druckloser Speicher 45.000 m³ mit Beladestation."),
    Idea("Klärwerk Flensburg, vierte Stufe", "WU", "M", "Kundenanlage", "Ozonung und Aktivkohle gegen Spurenstoffe."),
    Idea("Klimabericht 2026 (CSRD)", "PC", "S", "Organisation", "Daten, Prüfung und Bericht nach ESRS."),
    Idea("Prüfstand Verdichter Werk 1", "WP", "M", "Investition", "Prüfstand bis 450 bar mit Messdatenerfassung."),
    Idea("Dükerquerung Elbe", "FW", "L", "Kundenanlage", "Microtunnel 920 m unter der Elbe."),
    Idea("Lager Nord: Hochregal", "WP", "M", "Investition", "2.600 Stellplätze, angebunden an die Produktion."),
    Idea(
        "Elektrolyse Rotterdam 50 MW", "H2", "L", "Kundenanlage", "Fünf Module à 10 MW, Lieferung bis Einfahrt Hafen."
    ),
    Idea("Gleichrichter-Baureihe GR4", "H2", "M", "Entwicklung", "Eigene Leistungselektronik, 30 % weniger Fläche."),
    Idea("Stackfertigung Pilotlinie", "H2", "L", "Investition", "Automatisierte Stapelung für 120 Stacks im Jahr."),
    Idea(
        "Wasserstoff-Tankstelle Cuxhaven",
        "H2",
        "S",
        "Kundenanlage",
        "700 bar für Nutzfahrzeuge, Fördermittel bis Juni.",
    ),
    Idea("Kavernenanschluss Epe", "H2", "M", "Kundenanlage", "Verdichterstation und Messstrecke."),
    Idea(
        "Wasserstoff-Sicherheitskonzept",
        "H2",
        "S",
        "Organisation",
        "Ein Konzept für alle Baustellen, abgestimmt mit der Aufsicht.",
    ),
    Idea(
        "Fernwärme Wismar Altstadt",
        "FW",
        "M",
        "Kundenanlage",
        "Anschluss von 140 Gebäuden, Bauabschnitte nach Sommerferien.",
    ),
    Idea("Großwärmepumpe Neumünster", "FW", "M", "Kundenanlage", "12 MW Flusswasserwärmepumpe."),
    Idea("Netzleitstelle Lübeck", "FW", "S", "Kundenanlage", "Zwei Leitplätze, Anbindung von 31 Stationen."),
    Idea("Übergabestationen Serie 2027", "FW", "S", "Entwicklung", "Baukasten für 50 bis 800 kW."),
    Idea("Fernwärme Ulm Trasse Süd", "FW", "M", "Kundenanlage", "3,1 km im Straßenraum, Umleitung mit der Stadt."),
    Idea("Kohleausstieg Heizwerk Celle", "FW", "M", "Kundenanlage", "Rückbau Kessel 2, Ersatz durch Gas und Biomasse."),
    Idea("Klärschlammverbrennung Uelzen", "WU", "L", "Kundenanlage", "Wirbelschicht mit Phosphor-Rückgewinnung."),
    Idea("Deponiegas Lüneburg", "WU", "S", "Kundenanlage", "Fassung und BHKW 250 kW."),
    Idea("Regenrückhaltebecken Emden", "WU", "S", "Kundenanlage", "8.000 m³, fertig vor der Sturmsaison."),
    Idea("Membranfiltration Papenburg", "WU", "M", "Kundenanlage", "Ultrafiltration für die Papierfabrik."),
    Idea("Emissionsmessung Dormagen", "WU", "S", "Kundenanlage", "Kontinuierliche Messung nach 17. BImSchV."),
    Idea("Meerwasserentsalzung Container", "WU", "M", "Entwicklung", "Standardcontainer 500 m³ am Tag."),
    Idea("Rauchgasreinigung Schkopau", "WU", "M", "Kundenanlage", "Gewebefilter und Trockensorption."),
    Idea("Schweißroboter Linie 3", "WP", "S", "Investition", "Zwei Zellen, Teilefamilie Rahmen."),
    Idea("Vormontage Module", "WP", "M", "Investition", "Taktmontage statt Inselfertigung."),
    Idea("Materialfluss Werk 1", "WP", "S", "Organisation", "Kanban und Routenzug statt Stapler."),
    Idea("Energiemonitoring Werke", "WP", "S", "Investition", "Zähler bis auf Maschinenebene."),
    Idea("Lackieranlage Ersatz", "WP", "M", "Investition", "Wasserlack, Abluft mit Wärmerückgewinnung."),
    Idea("Qualitätssicherung 3D-Messung", "WP", "S", "Investition", "Laserscanner am Endmontageplatz."),
    Idea("Neue Ausbildungswerkstatt", "WP", "S", "Investition", "24 Plätze, Start zum Ausbildungsjahr."),
    Idea("Kranbahn Halle 4", "WP", "S", "Investition", "32 t, Statik verstärkt."),
    Idea("Produktdatenmanagement", "DI", "L", "IT-Projekt", "Stücklisten, Zeichnungen und Änderungen in einem System."),
    Idea("Digitale Bauakte", "DI", "M", "IT-Projekt", "Fotos, Mängel und Abnahmen auf dem Tablet."),
    Idea("Kundenportal Service", "DI", "M", "IT-Projekt", "Wartungsverträge und Ersatzteile online."),
    Idea(
        "Netzwerk OT-Sicherheit",
        "DI",
        "M",
        "IT-Projekt",
        "Trennung von Büro und Leittechnik, Fernwartung über Sprungserver.",
    ),
    Idea("Datenplattform Anlagen", "DI", "M", "IT-Projekt", "Betriebsdaten von 40 Anlagen, vorausschauende Wartung."),
    Idea("Ablösung Zeiterfassung", "DI", "S", "IT-Projekt", "Neue Terminals, mobile Buchung für Monteure."),
    Idea("Angebotskonfigurator", "DI", "M", "IT-Projekt", "Variantenkalkulation in Stunden statt Tagen."),
    Idea("Microsoft 365 Einführung", "DI", "M", "IT-Projekt", "1.900 Postfächer, Ablösung der Dateiserver."),
    Idea("Elektronische Rechnung", "DI", "S", "IT-Projekt", "Empfang und Versand nach EN 16931."),
    Idea("Lieferkettengesetz", "PC", "S", "Organisation", "Risikoanalyse für 640 Lieferanten."),
    Idea("NIS-2-Umsetzung", "PC", "M", "Organisation", "Meldewege, Notfallhandbuch, Nachweise."),
    Idea("Störfallverordnung Werk 2", "PC", "M", "Organisation", "Sicherheitsbericht und Übung mit der Feuerwehr."),
    Idea("Maschinenverordnung 2027", "PC", "M", "Organisation", "Konformität aller Baureihen ab Januar 2027."),
    Idea(
        "Exportkontrolle Korea",
        "PC",
        "S",
        "Organisation",
        "Klassifizierung und Prüfablauf mit dem Entwicklungszentrum Ulsan.",
    ),
    Idea("Brandschutz Verwaltungsgebäude", "PC", "S", "Investition", "Auflage der Bauaufsicht, Frist März."),
    Idea(
        "Arbeitssicherheit Baustellen",
        "PC",
        "S",
        "Organisation",
        "Unfallquote halbieren, ein Standard für Nachunternehmer.",
    ),
    Idea("Datenschutz Bewerberportal", "PC", "S", "IT-Projekt", "Löschkonzept und Auskunft auf Knopfdruck."),
    Idea("Entwicklungszentrum Ulsan", "H2", "L", "Organisation", "Aufbau von 45 Stellen Stackentwicklung in Südkorea."),
)

MORE = (
    ("Elektrolyse {place} 10 MW", "H2", "L", "Kundenanlage"),
    ("Fernwärme {place} Nord", "FW", "M", "Kundenanlage"),
    ("Klärwerk {place}", "WU", "M", "Kundenanlage"),
    ("Wärmespeicher {place}", "FW", "M", "Kundenanlage"),
    ("Rauchgasreinigung {place}", "WU", "L", "Kundenanlage"),
    ("Leitsystem {place}", "WU", "S", "Kundenanlage"),
    ("Verdichterstation {place}", "H2", "M", "Kundenanlage"),
    ("Servicestützpunkt {place}", "WP", "S", "Investition"),
    ("Modulfertigung {place}", "WP", "M", "Investition"),
    ("Baustellen-IT {place}", "DI", "S", "IT-Projekt"),
    ("Genehmigung {place}", "PC", "S", "Organisation"),
)

ROLES = (
    ("Projektleitung", "Project management", True),
    ("Verfahrenstechnik", "Process engineering", True),
    ("E-Technik", "Electrical engineering", True),
    ("SPS-Programmierung", "PLC programming", True),
    ("Bauleitung", "Site management", True),
    ("Konstruktion", "Design engineering", False),
    ("Einkauf", "Procurement", False),
    ("Inbetriebnahme", "Commissioning", True),
    ("Qualitätssicherung", "Quality assurance", False),
    ("Softwareentwicklung", "Software development", False),
    ("Projektcontrolling", "Project controlling", False),
    ("Montage", "Assembly", False),
    ("PMO", "PMO", False),
    ("Genehmigungsmanagement", "Permitting", False),
)

UNITS = (
    ("Vorstand", None, "HH"),
    ("Projektmanagement-Office", "Vorstand", "HH"),
    ("Anlagenbau", "Vorstand", "HH"),
    ("Verfahrenstechnik", "Anlagenbau", "HH"),
    ("E-Technik und Leittechnik", "Anlagenbau", "HH"),
    ("Baustellen und Montage", "Anlagenbau", "HH"),
    ("Inbetriebnahme und Service", "Anlagenbau", "HH"),
    ("Produktion", "Vorstand", "NI"),
    ("Werk 1", "Produktion", "NI"),
    ("Werk 2", "Produktion", "NI"),
    ("Forschung und Entwicklung", "Vorstand", "HH"),
    ("Leistungselektronik", "Forschung und Entwicklung", "HH"),
    ("IT und Digitalisierung", "Vorstand", "HH"),
    ("Finanzen und Controlling", "Vorstand", "HH"),
    ("Einkauf", "Vorstand", "HH"),
    ("Qualität und Umwelt", "Vorstand", "HH"),
)
