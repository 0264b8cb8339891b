"""Writers for documents: one page description (:mod:`scene`) painted as editable PPTX and as PDF, its data as XLSX."""
