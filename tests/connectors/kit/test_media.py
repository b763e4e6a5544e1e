"""Pictures are read by their bytes, within limits, from public addresses only."""

import io

import httpx
import pytest
from PIL import Image

from connectors.contract import Surroundings
from connectors.kit.media import MediaReader, facts_of


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 50)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (1, 2, 3)).save(file, kind)
    return file.getvalue()


ANSWERS = {
    "/good.png": httpx.Response(200, content=picture()),
    "/really-a-jpeg.png": httpx.Response(200, content=picture("JPEG")),
    "/gone.png": httpx.Response(404),
    "/elsewhere.png": httpx.Response(302, headers={"location": "http://10.0.0.1/secret"}),
    "/locked.png": httpx.Response(403),
    "/broken.png": httpx.Response(503),
    "/page.png": httpx.Response(200, content=b"<html>not a picture</html>", headers={"content-type": "image/png"}),
    "/cut.png": httpx.Response(200, content=picture()[:60]),
    "/script.svg": httpx.Response(200, content=b"<svg onload='x()'/>"),
    "/large.png": httpx.Response(200, content=b"x" * 5000),
}


def answer(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/silent.png":
        raise httpx.ReadTimeout("silence")
    return ANSWERS[request.url.path]


@pytest.fixture
async def reader():
    opened = MediaReader(Surroundings("media", transport=httpx.MockTransport(answer)), most_bytes=4000)
    yield opened
    await opened.close()


async def test_size_format_and_checksum_are_read_from_the_file(reader):
    (file,) = await reader.read(["https://images.example.com/good.png"])

    assert (file.problem, file.format, file.width, file.height, file.ratio) == ("", "png", 40, 50, 0.8)
    assert (file.size, len(file.sha256)) == (len(picture()), 64)


async def test_the_bytes_say_what_it_is_not_the_name(reader):
    (file,) = await reader.read(["https://images.example.com/really-a-jpeg.png"])

    assert file.format == "jpeg"


async def test_each_wrong_picture_is_told_and_stops_no_other(reader):
    names = ["gone", "elsewhere", "locked", "broken", "silent", "page", "cut", "large", "good"]
    files = await reader.read([f"https://images.example.com/{name}.png" for name in names])

    assert [file.problem for file in files] == [
        "not_found", "moved", "refused", "unreachable", "unreachable", "not_an_image", "not_an_image", "too_large", "",
    ]  # fmt: skip


async def test_a_drawing_that_can_run_scripts_is_no_picture(reader):
    (file,) = await reader.read(["https://images.example.com/script.svg"])

    assert file.problem == "not_an_image"


async def test_a_private_address_is_refused():
    guarded = MediaReader(Surroundings("media"))
    files = await guarded.read(["http://127.0.0.1:9/a.png", "http://169.254.169.254/latest/meta-data"])
    await guarded.close()

    assert [file.problem for file in files] == ["refused", "refused"]


def test_a_picture_that_claims_to_be_huge_is_not_unpacked():
    claimed = bytearray(picture())
    claimed[16:24] = (60_000).to_bytes(4, "big") * 2  # the header says 60,000 × 60,000

    assert facts_of(bytes(claimed))["problem"] in {"too_large", "not_an_image"}
