"""What is done in projects at the desk, in the words of the company (see ``templates`` for the notation)."""

SOFTWARE = """
= Projektstart
- Projektstart
G0
Ziele und Umfang klären | PL | A 0-50 *
Projektauftrag und Beteiligte | PL | A 50-100 *
G1
- Vorbereitung
Ist-Aufnahme Prozesse und Systeme | SW | B 0-65 *
Datenschutz und Mitbestimmung | QS | B 0-80
Budget und Basisplan aufstellen | PC | B 65-100 *
G2
Projektleitung und Controlling | PL | L
= Konzept
- Fachkonzept
Sollprozesse mit den Fachbereichen | SW | C 0-11 *
Berechtigungskonzept | QS | C 6-16
Fachkonzept | SW | C 11-20 *
◆ Fachkonzept abgenommen | PL | C 20
- Technisches Konzept
Systemarchitektur | SW | C 8-18
Schnittstellenkonzept | SW | C 14-22
Migrationskonzept | SW | C 16-25
= Beschaffung
- Lizenzen und Betrieb
Auswahl und Vergabe | EK | C 6-18
Lizenzen und Umgebungen bereitstellen | SW | C 20-26
= Umsetzung
- Kernsystem
Grundkonfiguration | SW | C 20-30 *
Umsetzung Prozesspaket 1 | SW | C 30-40 *
Umsetzung Prozesspaket 2 | SW | C 40-50 *
Formulare und Berichte | SW | C 40-54
- Schnittstellen
Schnittstelle Finanzen | SW | C 28-40
Schnittstelle Zeit und Personal | SW | C 40-50
Schnittstelle Einkauf | SW | C 42-54
- Datenübernahme
Stammdaten bereinigen | PC | C 26-46
Migrationswerkzeuge | SW | C 30-42
Probemigration 1 | SW | C 50-55
Probemigration 2 | SW | C 62-67
= Test
- Systemtest
Testfälle schreiben | QS | C 34-48
Systemtest | QS | C 50-59 *
Fehlerbehebung | SW | C 59-65 *
- Abnahmetest
Integrationstest mit Fachbereichen | QS | C 65-74 *
Last- und Sicherheitstest | SW | C 64-74
Abnahmetest | QS | C 74-82 *
◆ Testabnahme | PL | C 82
= Schulung
- Unterlagen
Schulungsunterlagen | SW | C 56-68
Kurzanleitungen | SW | C 66-74
- Schulungen
Schlüsselanwender schulen | SW | C 68-78
Anwender schulen | SW | C 80-94
= Einführung
- Vorbereitung
Umschaltplan und Generalprobe | PL | C 82-90 *
Betriebshandbuch und Support | SW | C 76-90
Altsystem weiterbetreiben | SW | C 60-90 sf
- Go-live
Produktive Datenübernahme | SW | C 90-96 *
Umschaltwochenende | SW | C 96-100 *
G3
= Übergabe und Abschluss
- Stabilisierung
Begleitung nach dem Go-live | SW | D 0-80 *
Übergabe an den Betrieb | SW | D 80-100 *
Nachschulungen | SW | D 0-50
Offene Punkte abarbeiten | SW | D 10-75
G4
- Abschluss
Altsystem abschalten | SW | E 0-60
Nutzenbewertung | PC | E 0-70
Abschlussbericht und Erfahrungen | PL | E 0-100 *
G5
"""

DEVELOPMENT = """
= Projektstart
- Projektstart
G0
Marktanforderungen und Ziele | PL | A 0-50 *
Projektauftrag | PL | A 50-100 *
G1
- Machbarkeit
Machbarkeitsstudie | KO | B 0-65 *
Patentrecherche | QS | B 0-70
Zielkosten und Basisplan | PC | B 65-100 *
G2
Projektleitung und Controlling | PL | L
= Konzept
- Lastenheft
Lastenheft | KO | C 0-9 *
◆ Lastenheft eingefroren | PL | C 9
- Konzeptphase
Konzeptvarianten und Auswahl | KO | C 9-17 *
Simulation und Auslegung | VT | C 9-20
Risikoanalyse (FMEA) | QS | C 14-22
= Entwicklung
- Mechanik
Konstruktion | KO | C 17-31 *
Zeichnungssatz und Stücklisten | KO | C 31-36 *
- Elektronik
Schaltplan und Leiterplatte | ET | C 17-30
Muster Leiterplatte | ET | C 30-40
- Software
Softwarearchitektur | SW | C 18-26
Regelung und Schutzfunktionen | SPS | C 26-44
Softwaretest | SW | C 44-52
= Prototyp
- Beschaffung
Prototypteile beschaffen | EK | C 36-48 *
Prüfstand vorbereiten | MO | C 38-52
- Aufbau
Prototyp aufbauen | MO | C 48-55 *
◆ Prototyp läuft | KO | C 55
= Erprobung
- Versuche
Funktionsversuche | VT | C 55-63 *
Dauerversuch | VT | C 63-79 *
Umwelt- und EMV-Prüfung | QS | C 63-74
- Überarbeitung
Änderungen einarbeiten | KO | C 79-86 *
Bisherige Baureihe lieferbar halten | MO | C 50-80 sf
= Serienvorbereitung
- Fertigung
Fertigungskonzept | MO | C 58-70
Lieferanten qualifizieren | EK | C 56-72
Werkzeuge und Vorrichtungen | MO | C 70-86
- Zulassung
Technische Unterlagen und CE | QS | C 72-88
Zertifizierung | QS | C 88-97
- Nullserie
Nullserie bauen und prüfen | MO | C 86-96 *
Serienfreigabe | QS | C 96-100 *
G3
= Markteinführung
- Hochlauf
Begleitung der ersten Anlagen | IB | D 0-80 *
Übergabe an die Produktion | MO | D 80-100 *
Serviceunterlagen | IB | D 0-70
Vertriebsunterlagen | PL | D 0-50
G4
- Abschluss
Nachkalkulation | PC | E 0-60
Abschlussbericht und Erfahrungen | PL | E 0-100 *
G5
"""

CHANGE = """
= Projektstart
- Projektstart
G0
Auftrag und Betroffene klären | PL | A 0-50 *
Projektauftrag | PL | A 50-100 *
G1
- Vorbereitung
Rechtslage und Pflichten prüfen | QS | B 0-70 *
Abstimmung mit dem Betriebsrat | PL | B 0-80
Budget und Basisplan aufstellen | PC | B 70-100 *
G2
Projektleitung und Controlling | PL | L
= Analyse
- Bestandsaufnahme
Ist-Aufnahme in den Bereichen | QS | C 0-14 *
Daten und Nachweise sammeln | PC | C 6-20
Lückenanalyse | QS | C 14-24 *
◆ Lückenanalyse liegt vor | QS | C 24
- Vergleich
Vergleich mit anderen Unternehmen | QS | C 8-20
= Konzept
- Regelwerk
Zielbild und Maßnahmenplan | PL | C 24-34 *
Richtlinien und Abläufe | QS | C 34-46 *
Rollen und Zuständigkeiten | PL | C 30-40
- Werkzeuge
Werkzeug auswählen | SW | C 30-40
Werkzeug einrichten | SW | C 40-52
◆ Konzept beschlossen | PL | C 46
= Umsetzung
- Pilot
Pilot in einem Bereich | QS | C 46-58 *
Auswertung Pilot | QS | C 58-63 *
- Einführung
Einführung Werk 1 | MO | C 63-74 *
Einführung Werk 2 | MO | C 74-84 *
Einführung Verwaltung | PC | C 65-80
Bisheriges Verfahren weiterführen | PC | C 50-80 sf
- Nachunternehmer
Anforderungen an Lieferanten | EK | C 48-60
Verträge ergänzen | EK | C 60-76
= Schulung und Nachweis
- Schulung
Schulungsunterlagen | QS | C 50-60
Schulungen Führungskräfte | QS | C 63-72
Schulungen Beschäftigte | QS | C 72-90
- Nachweis
Interne Prüfung | QS | C 84-93 *
Abweichungen beheben | QS | C 93-100 *
Nachweise ablegen | PC | C 86-95
G3
= Übergabe und Abschluss
- Übergabe
Übergabe an die Linie | PL | D 0-60 *
Wirksamkeit prüfen | QS | D 60-100 *
Berichtswesen einrichten | PC | D 0-70
G4
- Abschluss
Bericht an den Vorstand | PL | E 0-60
Abschlussbericht und Erfahrungen | PL | E 0-100 *
G5
"""
