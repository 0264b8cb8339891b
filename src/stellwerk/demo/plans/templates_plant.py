"""What is done in projects on a building site, in the words of the company (see ``templates`` for the notation)."""

PLANT = """
= Projektstart und Genehmigung
- Projektstart
G0
Übergabe aus dem Vertrieb | PL | A 0-55 *
Projekthandbuch und Terminrahmen | PL | A 55-100 *
Risikoworkshop | PC | A 55-90
G1
- Ausführungsvorbereitung
Grundlagenplanung prüfen | VT | B 0-60 *
Aufstellungsplan abstimmen | KO | B 0-50
Budget und Basisplan aufstellen | PC | B 60-100 *
G2
Projektleitung und Controlling | PL | L
- Genehmigung {recht}
Antragsunterlagen erstellen | GM | C 0-9
Prüfung durch die Behörde | GM | C 9-27
◆ Genehmigungsbescheid | GM | C 27
= Engineering
- Verfahrenstechnik
Verfahrensfließbilder (R+I) | VT | C 0-10 *
Auslegung {haupt} | VT | C 10-16 *
Sicherheitsbetrachtung (HAZOP) | VT | C 12-17
- Rohrleitungen und Stahlbau
Aufstellung und 3D-Modell | KO | C 6-20
Isometrien und Stücklisten | KO | C 20-30
◆ Engineering-Freigabe | VT | C 30
- Elektro- und Leittechnik
Stromlaufpläne und Kabellisten | ET | C 14-30
Funktionsbeschreibungen | SPS | C 16-28
= Beschaffung
- {haupt}
Anfrage und Vergabe {haupt} | EK | C 16-22 *
Fertigung {haupt} | EK | C 22-52 *
Werksabnahme {haupt} (FAT) | QS | C 52-55 *
Transport {haupt} zur Baustelle | EK | C 55-58 *
◆ {haupt} auf Baustelle | EK | C 58
- {neben}
Vergabe {neben} | EK | C 17-23
Fertigung {neben} | EK | C 23-50
Lieferung {neben} | EK | C 50-53
- {dritte}
Vergabe {dritte} | EK | C 20-25
Fertigung und Lieferung {dritte} | EK | C 25-48
- Kleinkomponenten
Armaturen und Messgeräte bestellen | EK | C 31-36
Kabel und Verlegematerial bestellen | EK | C 31-35
= Bau
- Tiefbau
Baustelle einrichten | BL | C 27-31
Erdarbeiten und Leitungen | BL | C 31-38
Fundamente {haupt} | BL | C 38-43
Abnahme Fundamente | QS | C 46-47
- Hochbau
{bau} | BL | C 47-56
Kabeltrassen und Erdung | MO | C 56-62
Baustrom und Bewachung vorhalten | BL | C 31-60 sf
= Montage
- Mechanische Montage
Einbringen und Ausrichten {haupt} | MO | C 58-65 *
Montage {neben} | MO | C 56-63
Rohrleitungsmontage | MO | C 65-74 *
Druckprobe und Reinigung | QS | C 74-77 *
◆ Mechanisch fertig | MO | C 77
- E-Montage
Montage {dritte} | ET | C 62-68
Kabelzug und Anschluss | ET | C 68-78
Messkreisprüfung | SPS | C 78-82
= Leittechnik und Inbetriebnahme
- Leittechnik
Software Leittechnik programmieren | SPS | C 30-52
Werksabnahme Leittechnik (FAT) | SPS | C 53-56
- Inbetriebnahme
Kalt-Inbetriebnahme | IB | C 77-87 *
Warm-Inbetriebnahme | IB | C 87-97 *
Leistungsnachweis vorbereiten | VT | C 84-95
Restmängel Stufe 1 abstellen | MO | C 97-100 *
Schulung Betriebspersonal | IB | C 84-92
G3
= Übergabe und Abschluss
- Übergabe
Probebetrieb beim Kunden | IB | D 0-75 *
Leistungsfahrt und Protokoll | VT | D 75-100 *
Bestandsunterlagen (As-built) | KO | D 5-80
Betriebshandbuch | IB | D 5-60
G4
- Abschluss
Schlussrechnung und Nachträge | PC | E 0-60
Baustelle räumen | BL | E 0-30
Abschlussbericht und Erfahrungen | PL | E 0-100 *
G5
"""
PLANT_WORDS = {
    "h2": {
        "recht": "nach BImSchG", "haupt": "Gleichrichter", "neben": "Elektrolyse-Stacks", "dritte": "Transformator",
        "bau": "Hallenstahlbau und Fassade",
    },
    "tank": {
        "recht": "nach BetrSichV", "haupt": "Verdichter", "neben": "Hochdruckspeicher", "dritte": "Zapfsäulen",
        "bau": "Einhausung und Brandwand",
    },
    "air": {
        "recht": "nach BImSchG", "haupt": "Absorber", "neben": "Saugzuggebläse", "dritte": "Schaltanlage",
        "bau": "Stahlbau und Gerüst",
    },
    "water": {
        "recht": "nach Wasserrecht", "haupt": "Filterstufe", "neben": "Pumpen und Gebläse", "dritte": "Schaltanlage",
        "bau": "Stahlbeton Becken und Gebäude",
    },
    "heat": {
        "recht": "der Bauaufsicht", "haupt": "Wärmeerzeuger", "neben": "Wärmetauscher", "dritte": "Mittelspannungsanlage",
        "bau": "Gebäudehülle und Dach",
    },
    "grid": {
        "recht": "nach EnWG", "haupt": "Transformator 110/20 kV", "neben": "Schaltfelder 110 kV", "dritte": "Schutz- und Leittechnik",
        "bau": "Betriebsgebäude und Portale",
    },
}  # fmt: skip

PIPELINE = """
= Projektstart und Genehmigung
- Projektstart
G0
Übergabe aus dem Vertrieb | PL | A 0-55 *
Projekthandbuch und Terminrahmen | PL | A 55-100 *
Risikoworkshop | PC | A 55-90
G1
- Ausführungsvorbereitung
Vorzugstrasse festlegen | VT | B 0-60 *
Leitungsauskünfte einholen | GM | B 0-70
Budget und Basisplan aufstellen | PC | B 60-100 *
G2
Projektleitung und Controlling | PL | L
- Genehmigung
Gestattungen und Wegerechte | GM | C 0-16
Verkehrsrechtliche Anordnung | GM | C 12-22
◆ Baurecht liegt vor | GM | C 22
= Planung
- Trassenplanung
Vermessung und Baugrund | BL | C 0-7 *
Lage- und Höhenplan | KO | C 7-15 *
Statik und Dehnungsausgleich | VT | C 9-15
Ausführungsplanung Trasse | KO | C 15-22 *
- Stationen
Auslegung Übergabestationen | VT | C 7-18
Elektro- und Leittechnikplanung | ET | C 18-26
= Beschaffung
- Rohrmaterial
Vergabe Mantelrohre | EK | C 15-21
Lieferung Mantelrohre, Los 1 | EK | C 21-30
Lieferung Mantelrohre, Los 2 | EK | C 30-42
- Stationen
Vergabe Pumpen und Armaturen | EK | C 20-26
Fertigung Übergabestationen | EK | C 26-52
- Bauleistung
Ausschreibung Tiefbau | EK | C 15-20
Vergabe Tiefbau | EK | C 20-22
= Bau
- Bauabschnitt West
Baustelle und Verkehrsführung | BL | C 22-26 *
Leitungsgraben West | BL | C 26-38 *
Rohrverlegung und Schweißen West | MO | C 38-48 *
Muffen und Verfüllung West | BL | C 48-55
- Bauabschnitt Mitte
Querungen und Düker | BL | C 34-48
Leitungsgraben Mitte | BL | C 44-54
Rohrverlegung und Schweißen Mitte | MO | C 48-60 *
Verfüllung Mitte | BL | C 61-66
- Bauabschnitt Ost
Leitungsgraben Ost | BL | C 50-60
Rohrverlegung und Schweißen Ost | MO | C 60-72 *
Oberflächen wiederherstellen | BL | C 72-84
Bauwasserhaltung betreiben | BL | C 40-70 sf
= Stationen und Leittechnik
- Stationen
Montage Übergabestationen | MO | C 54-68
Elektroanschluss Stationen | ET | C 68-76
- Leittechnik
Fernwirktechnik programmieren | SPS | C 40-60
Signaltest Leitwarte | SPS | C 76-82
= Inbetriebnahme
- Prüfungen
Durchstrahlungsprüfung Nähte | QS | C 72-77 *
Druckprobe Gesamtstrecke | QS | C 77-82 *
◆ Trasse druckgeprüft | QS | C 82
- Inbetriebnahme
Spülen und Füllen | IB | C 82-88 *
Warmfahren und Einregulieren | IB | C 88-100 *
Schulung Netzbetrieb | IB | C 86-94
G3
= Übergabe und Abschluss
- Übergabe
Probebetrieb | IB | D 0-70 *
Abnahme mit dem Netzbetreiber | PL | D 70-100 *
Bestandspläne und Dokumentation | KO | D 5-80
Restmängel abstellen | BL | D 10-60
G4
- Abschluss
Schlussrechnung und Nachträge | PC | E 0-60
Rückgabe der Flächen | GM | E 0-40
Abschlussbericht und Erfahrungen | PL | E 0-100 *
G5
"""

CONTROL = """
= Projektstart
- Projektstart
G0
Übergabe aus dem Vertrieb | PL | A 0-55 *
Projekthandbuch und Terminrahmen | PL | A 55-100 *
G1
- Ausführungsvorbereitung
Bestandsaufnahme Leittechnik | SPS | B 0-65 *
Umschaltkonzept abstimmen | IB | B 10-80
Budget und Basisplan aufstellen | PC | B 65-100 *
G2
Projektleitung und Controlling | PL | L
= Engineering
- Grundlagen
Pflichtenheft | SPS | C 0-9 *
Netzwerk- und Sicherheitskonzept | SW | C 4-14
Signalliste bereinigen | SPS | C 9-17 *
- Hardware
Schaltschrankplanung | ET | C 9-20
Stromlaufpläne ändern | ET | C 20-28
- Software
Typicals und Bausteine | SPS | C 17-28 *
Bedienbilder entwerfen | SPS | C 17-30
◆ Pflichtenheft genehmigt | PL | C 9
= Beschaffung
- Leitsystem
Vergabe Leitsystem | EK | C 14-19
Lieferung Steuerungen und Baugruppen | EK | C 19-38
- Schaltschränke
Schaltschrankbau | ET | C 28-44
Werksprüfung Schaltschränke | QS | C 44-47
= Programmierung
- Ablaufsteuerung
Programmierung Teilanlage 1 | SPS | C 28-40 *
Programmierung Teilanlage 2 | SPS | C 40-52 *
Verriegelungen und Schutz | SPS | C 40-50
- Visualisierung
Bedienbilder umsetzen | SPS | C 34-48
Berichte und Archiv | SW | C 44-54
- Prüfung
Werksabnahme Leittechnik (FAT) | SPS | C 52-58 *
◆ FAT bestanden | QS | C 58
= Umbau
- Vorbereitung
Kabelwege und Rangierverteiler | MO | C 46-58
Parallelbetrieb vorbereiten | IB | C 50-60
- Umschaltung
Umschaltung Teilanlage 1 | IB | C 58-68 *
Umschaltung Teilanlage 2 | IB | C 68-79 *
Altsystem in Bereitschaft halten | IB | C 60-80 sf
- Tests
Signaltest vor Ort | SPS | C 62-80
Integrationstest | SPS | C 79-89 *
= Inbetriebnahme
- Inbetriebnahme
Regler optimieren | IB | C 89-100 *
Bediener schulen | IB | C 80-92
Alarmliste bereinigen | SPS | C 88-97
G3
= Übergabe und Abschluss
- Übergabe
Begleiteter Betrieb | IB | D 0-80 *
Abnahme | PL | D 80-100 *
Dokumentation und Datensicherung | SPS | D 0-70
G4
- Abschluss
Rückbau Altsystem | MO | E 0-60
Abschlussbericht und Erfahrungen | PL | E 0-100 *
G5
"""

INVESTMENT = """
= Projektstart
- Projektstart
G0
Bedarf und Ziele klären | PL | A 0-50 *
Projektauftrag | PL | A 50-100 *
G1
- Investitionsantrag
Varianten und Kostenschätzung | PC | B 0-70 *
Förderung und Zuschüsse prüfen | PC | B 0-60
Investitionsantrag | PL | B 70-100 *
G2
Projektleitung und Controlling | PL | L
= Planung
- Aufstellung
Layout und Materialfluss | KO | C 0-10 *
Medien und Anschlüsse | ET | C 6-14
Statik und Brandschutz prüfen | BL | C 8-18
- Genehmigung
Bauantrag oder Anzeige | GM | C 10-16
Prüfung durch die Behörde | GM | C 16-32
- Lastenheft
Lastenheft Anlage | KO | C 10-17 *
◆ Lastenheft freigegeben | PL | C 17
= Beschaffung
- Anlage
Ausschreibung und Vergleich | EK | C 17-25 *
Verhandlung und Bestellung | EK | C 25-30 *
Fertigung beim Lieferanten | EK | C 30-58 *
Vorabnahme beim Lieferanten | QS | C 58-61 *
- Nebengewerke
Vergabe Elektroarbeiten | EK | C 26-32
Vergabe Bauarbeiten | EK | C 28-34
= Bau
- Vorbereitung
Altanlage abbauen | MO | C 34-42
Fundament und Boden | BL | C 42-49
Abnahme Fundament | QS | C 52-53
Hallenkran und Zugänge | MO | C 44-54
- Medien
Druckluft und Absaugung | MO | C 48-58
Stromversorgung | ET | C 50-60
= Montage
- Anlage
Anlieferung und Einbringung | MO | C 61-65 *
Mechanischer Aufbau | MO | C 65-75 *
Elektrischer Anschluss | ET | C 75-81 *
◆ Anlage aufgebaut | MO | C 81
- Einbindung
Anbindung an die Fertigungssteuerung | SW | C 62-76
Sicherheitseinrichtungen | QS | C 76-83
Ersatzfertigung aufrechterhalten | MO | C 42-80 sf
= Inbetriebnahme
- Inbetriebnahme
Probelauf ohne Teile | IB | C 81-88 *
Fähigkeitsnachweis | QS | C 88-96 *
Abnahme Arbeitssicherheit | QS | C 84-92
Bediener und Instandhalter schulen | IB | C 84-95
Serienfreigabe | QS | C 96-100 *
G3
= Übergabe und Abschluss
- Hochlauf
Hochlauf mit Begleitung | IB | D 0-80 *
Endabnahme | PL | D 80-100 *
Wartungsplan und Ersatzteile | IB | D 0-70
G4
- Abschluss
Nachkalkulation | PC | E 0-70
Abschlussbericht und Erfahrungen | PL | E 0-100 *
G5
"""
