"""Small pictures of a word, which are read quickly."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont


def drawn(word: str) -> bytes:
    """Give a picture of a word, as PNG."""
    content = BytesIO()
    _page(word).save(content, "PNG")
    return content.getvalue()


def drawn_pages(words: list[str]) -> bytes:
    """Give a page for each word, as TIFF."""
    first, *others = map(_page, words)
    content = BytesIO()
    first.save(content, "TIFF", save_all=True, append_images=others)
    return content.getvalue()


def _page(word: str) -> Image.Image:
    page = Image.new("L", (400, 300), "white")
    ImageDraw.Draw(page).text((30, 40), word, font=ImageFont.load_default(36))
    return page
