"""Small pictures of a word, which are read quickly."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont


def drawn(word: str) -> bytes:
    """Give a picture of a word, as PNG."""
    page = Image.new("L", (400, 300), "white")
    ImageDraw.Draw(page).text((30, 40), word, font=ImageFont.load_default(36))
    content = BytesIO()
    page.save(content, "PNG")
    return content.getvalue()
