"""One shop's REST API v3 and Store API, as far as the hub calls them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from connectors.errors import OutcomeUnknownError, UnreadableError
from connectors.kit.http import HttpClient
from connectors.woocommerce.schemas import ANY_JSON, Batch, BatchItem, Shape, WooError

S = TypeVar("S", bound=Shape)
T = TypeVar("T")

V3 = "/wp-json/wc/v3"
STORE = "/wp-json/wc/store/v1"
AT_ONCE = 100  # the most that a page or a batch may hold
MOST_PAGES = 1000

Item = Mapping[str, Any]


class WooClient:
    """Source: https://woocommerce.github.io/woocommerce-rest-api-docs/ (v3).

    `patient` waits longer: a batch of products makes the shop fetch every image before it answers.
    `anybody` sends no key, so that it sees what buyers see.
    """

    def __init__(self, http: HttpClient, patient: HttpClient, anybody: HttpClient) -> None:
        self._http = http
        self._patient = patient
        self._anybody = anybody

    async def close(self) -> None:
        for http in (self._http, self._patient, self._anybody):
            await http.close()

    async def get(self, path: str, shape: type[T] | TypeAdapter[T], **query: Any) -> T:
        return (await self._http.read("GET", V3 + path, params=query)).read(shape)

    async def post(self, path: str, shape: type[S], body: Item) -> S:
        return (await self._http.write("POST", V3 + path, json=body)).read(shape)

    async def put(self, path: str, shape: type[S], body: Item) -> S:
        return (await self._http.write("PUT", V3 + path, json=body)).read(shape)

    async def page(self, path: str, shape: type[S], number: int = 1, **query: Any) -> tuple[S, ...]:
        """One page of a list; fewer than `AT_ONCE` means that it was the last."""
        asked = {"per_page": AT_ONCE, "page": number, **query}
        return (await self._http.read("GET", V3 + path, params=asked)).read(TypeAdapter(tuple[shape, ...]))  # type: ignore[valid-type]  # a class made at run time

    async def all(self, path: str, shape: type[S], **query: Any) -> AsyncIterator[S]:
        """Every thing of a list, in pages."""
        for number in range(1, MOST_PAGES + 1):
            found = await self.page(path, shape, number, **query)
            for one in found:
                yield one
            if len(found) < AT_ONCE:
                return
        raise UnreadableError(
            "WooCommerce's list does not end", f"{path} has more than {MOST_PAGES} pages", field="page"
        )

    async def public(self, shape: type[S], **query: Any) -> tuple[S, ...]:
        """Products as nobody in particular sees them."""
        asked = {"per_page": AT_ONCE, **query}
        return (await self._anybody.read("GET", f"{STORE}/products", params=asked)).read(TypeAdapter(tuple[shape, ...]))  # type: ignore[valid-type]  # as above

    async def batch(
        self, path: str, *, create: Sequence[Item] = (), update: Sequence[Item] = (), delete: Sequence[int] = ()
    ) -> Batch[BatchItem]:
        """One call, one answer for each item; an answer that leaves items out tells nothing about them."""
        asked = {"create": create, "update": update, "delete": delete}
        body = {verb: list(items) for verb, items in asked.items() if items}
        answer = (await self._patient.write("POST", f"{V3}{path}/batch", json=body)).read(Batch[BatchItem])
        if any(len(getattr(answer, verb)) != len(items) for verb, items in asked.items()):
            raise OutcomeUnknownError("WooCommerce did not answer for every item", f"{path}/batch: items are missing")
        return answer


def refusal(body: bytes) -> WooError:
    """The code in an error's body; nothing where it is none of WooCommerce's."""
    try:
        content = ANY_JSON.validate_json(body)
        return WooError.model_validate(content if isinstance(content, dict) else {})
    except ValidationError:
        return WooError()
