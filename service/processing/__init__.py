"""What is done to a document: sniffing, extraction, and the pipeline they plug into.

Registry, pipeline and sniffer are light. The libraries that open foreign files are
imported by the modules that use them, and those only inside the sandbox.
"""

PRELOAD: tuple[str, ...] = (
    "service.processing.analysis.step",
    "service.processing.batch.fingerprint",
    "service.processing.codes",
    "service.processing.entities.step",
    "service.processing.extraction",
    "service.processing.fields.step",
    "service.processing.formats.images",
    "service.processing.formats.mail",
    "service.processing.formats.markup",
    "service.processing.formats.office",
    "service.processing.formats.pdf",
    "service.processing.formats.plain",
    "service.processing.formats.sheets",
    "service.processing.images.step",
    "service.processing.language",
    "service.processing.previews",
    "service.processing.quality.step",
)
"""What the sandbox server imports once, so that each child starts with it loaded."""
OCR_READER = "service.processing.ocr.reading"
"""Imported only where text is recognised, as its libraries are an extra; the server
calls its ``load`` too, so that no child has to load the models."""
