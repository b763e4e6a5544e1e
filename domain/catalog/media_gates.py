"""What stands against the pictures of a listing."""

from collections.abc import Iterator, Mapping, Sequence

from domain.catalog.form import MediaRule
from domain.catalog.media import MediaFile, MediaProblem
from domain.catalog.shaping import Doubt

_PROBLEMS: Mapping[MediaProblem, tuple[str, str]] = {
    "not_found": ("there is nothing at its address", "correct the address, or put the picture there"),
    "not_an_image": (
        "its address leads to something that is no picture",
        "put a picture there, or correct the address",
    ),
    "too_large": ("the file is larger than the hub reads", "make the file smaller"),
    "moved": ("its address leads elsewhere, and redirects are not followed", "give the address it leads to"),
    "refused": ("its address may not be read", "use a public address that needs no password"),
    "unreachable": ("nobody answers at its address", "read it again later, or move it to another host"),
}


def media_doubts(media: Sequence[str], files: Mapping[str, MediaFile], rule: MediaRule) -> Iterator[tuple[str, Doubt]]:
    """Field and doubt; pictures beyond the most that the channel takes are not sent, and not looked at."""
    if len(media) < rule.least:
        yield (
            "media",
            Doubt("media_count", f"it has {len(media)} pictures, and the channel wants {rule.least}", "add pictures"),
        )
    if len(media) > rule.most:
        text = f"it has {len(media)} pictures, and the channel takes {rule.most}"
        yield "media", Doubt("media_count", text, "the last ones are left out; take some away to choose", "warning")
    for position, url in enumerate(media[: rule.most]):
        for doubt in _of(files.get(url), rule):
            yield f"media.{position}", doubt


def _of(file: MediaFile | None, rule: MediaRule) -> Iterator[Doubt]:
    if file is None:
        yield Doubt("media_file", "the picture has not been read yet", "have it read")
        return
    if file.problem:
        yield Doubt("media_file", *_PROBLEMS[file.problem])
        return
    if file.format not in rule.formats:
        yield Doubt("media_file", f"it is {file.format}, and the channel takes {', '.join(rule.formats)}", "convert it")
    if file.size > rule.max_bytes:
        yield Doubt(
            "media_size", f"it has {file.size} bytes, and the channel takes {rule.max_bytes}", "make the file smaller"
        )
    if file.width < rule.min_width or file.height < rule.min_height:
        text = (
            f"it is {file.width} × {file.height}, and the channel wants {rule.min_width} × {rule.min_height} at least"
        )
        yield Doubt("media_size", text, "use a larger picture")
    if not rule.min_ratio <= file.ratio <= rule.max_ratio:
        text = f"its width is {file.ratio:.2f} of its height, and the channel wants {rule.min_ratio:g} to {rule.max_ratio:g}"
        yield Doubt("media_ratio", text, "crop it")
