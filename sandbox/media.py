"""Pictures of the invented products: `/media/NAME-WIDTHxHEIGHT.png` is a plain picture of that size, a color per name."""

import hashlib
import io
import re

from fastapi import APIRouter, Response
from PIL import Image

router = APIRouter()
_NAME = re.compile(r"^[\w-]+-(\d{1,4})x(\d{1,4})\.(png|jpeg)$")


@router.get("/media/{name}")
async def picture(name: str) -> Response:
    """404 for a name that does not tell a size; the same bytes for the same name."""
    told = _NAME.match(name)
    if told is None:
        return Response(status_code=404)
    width, height, kind = int(told[1]), int(told[2]), told[3]
    color = tuple(hashlib.sha256(name.encode()).digest()[:3])
    file = io.BytesIO()
    Image.new("RGB", (max(width, 1), max(height, 1)), color).save(file, kind)
    return Response(file.getvalue(), media_type=f"image/{kind}")
