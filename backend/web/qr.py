"""QR codes drawn into the page, so that nothing has to be loaded and nothing stands in an address."""

import io

import segno
from markupsafe import Markup
from starlette.requests import Request


def svg(text: str) -> Markup:
    """Return `text` as a QR code in SVG, sized by the page's style sheet."""
    out = io.BytesIO()
    segno.make(text, error="m").save(
        out, kind="svg", xmldecl=False, svgns=False, svgclass="qr", lineclass="qr__dots", omitsize=True, border=2
    )
    return Markup(out.getvalue().decode())  # noqa: S704 -- segno's own drawing, the text is only dots in it


def of_page(request: Request, path: str) -> Markup:
    """Return the address of one of our own pages as a QR code."""
    return svg(f"{request.url.scheme}://{request.url.netloc}{path}")


def png(text: str, scale: int = 10) -> bytes:
    """Return `text` as a QR code in a picture that any phone can keep."""
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="png", scale=scale, border=4)
    return out.getvalue()
