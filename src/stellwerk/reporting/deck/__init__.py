"""The steering committee's deck: from frozen status payloads to slides, the same in PPTX, PDF and XLSX."""
