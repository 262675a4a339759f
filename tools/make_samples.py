"""Writes the sample documents, the same bytes every time.

    python -m tools.make_samples            write samples/
    python -m tools.make_samples --check    verify the committed set, write nothing

The committed files are what the demo submits; `expected.json` beside them says how each
must end. The libraries used here are development dependencies only.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from service.processing.media_types import DOCX_TYPE, PPTX_TYPE, XLSX_TYPE
from service.processing.sniff import sniff_file
from tools.sample_files import office, pdfs, pictures, texts

FOLDER = Path(__file__).resolve().parent.parent / "samples"
EXPECTED = "expected.json"
MAX_TOTAL_BYTES = 1_500_000
_OK = {"status": "COMPLETED", "resultStatus": "ok"}
_NO_TEXT = {
    "status": "COMPLETED",
    "resultStatus": "degraded",
    "resultStatusWithOcr": "ok",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One file of the set."""

    make: Callable[[], bytes]
    media_type: str
    expected: dict[str, str]


SAMPLES: dict[str, Sample] = {
    "invoice.pdf": Sample(pdfs.invoice, "application/pdf", _OK),
    "invoice-facturx.pdf": Sample(pdfs.facturx_invoice, "application/pdf", _OK),
    "report-tables.pdf": Sample(pdfs.report, "application/pdf", _OK),
    "scanned-pages.pdf": Sample(pictures.scanned_pdf, "application/pdf", _NO_TEXT),
    "receipt.png": Sample(pictures.receipt_png, "image/png", _NO_TEXT),
    "invoice-photo.jpg": Sample(pictures.photo_jpeg, "image/jpeg", _NO_TEXT),
    "fax.tiff": Sample(pictures.fax_tiff, "image/tiff", _NO_TEXT),
    "agreement.docx": Sample(office.contract_docx, DOCX_TYPE, _OK),
    "expenses.xlsx": Sample(office.expenses_xlsx, XLSX_TYPE, _OK),
    "kickoff.pptx": Sample(office.kickoff_pptx, PPTX_TYPE, _OK),
    "order.html": Sample(texts.page_html, "text/html", _OK),
    "mail-with-invoice.eml": Sample(texts.mail_eml, "message/rfc822", _OK),
    "stock.csv": Sample(texts.stock_csv, "text/csv", _OK),
    "minutes-utf8.txt": Sample(texts.minutes_utf8, "text/plain", _OK),
    "letter-latin1.txt": Sample(texts.letter_latin1, "text/plain", _OK),
    "payslip-protected.pdf": Sample(
        pdfs.protected, "application/pdf", {"status": "FAILED", "code": "encrypted"}
    ),
    "report-cut.pdf": Sample(
        pdfs.cut_in_half, "application/pdf", {"status": "FAILED", "code": "corrupt"}
    ),
}


def write(folder: Path) -> None:
    """Write every sample, and what is expected of it, into `folder`."""
    folder.mkdir(exist_ok=True)
    for name, sample in SAMPLES.items():
        (folder / name).write_bytes(sample.make())
    (folder / EXPECTED).write_text(_expected(), encoding="utf-8")


def problems(folder: Path) -> list[str]:
    """List what is wrong with the samples in `folder`; nothing when all is well."""
    found = []
    present = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    found += [f"{name} is missing" for name in sorted({*SAMPLES, EXPECTED} - present)]
    found += [f"{name} is not known" for name in sorted(present - {*SAMPLES, EXPECTED})]
    if found:
        return found
    if (folder / EXPECTED).read_text(encoding="utf-8") != _expected():
        found.append(f"{EXPECTED} does not say what is expected of the samples")
    for name, sample in SAMPLES.items():
        media_type = sniff_file(folder / name)
        if media_type != sample.media_type:
            found.append(f"{name} is {media_type}, not {sample.media_type}")
    total = sum((folder / name).stat().st_size for name in SAMPLES)
    if total > MAX_TOTAL_BYTES:
        found.append(f"the samples take {total} bytes, over {MAX_TOTAL_BYTES}")
    return found


def main(arguments: list[str]) -> int:
    """Run the command; give its exit code."""
    parser = argparse.ArgumentParser(prog="make_samples", description=__doc__)
    parser.add_argument("--check", action="store_true", help="verify, write nothing")
    if not parser.parse_args(arguments).check:
        write(FOLDER)
    found = problems(FOLDER)
    for problem in found:
        print(f"samples: {problem}", file=sys.stderr)
    return 1 if found else 0


def _expected() -> str:
    files = {name: sample.expected for name, sample in SAMPLES.items()}
    return json.dumps({"files": files}, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
