"""What a resolver knows about the call that it answers."""

from dataclasses import dataclass

from graphql import GraphQLResolveInfo

from sandbox.shopify.news import News
from sandbox.shopify.state import Shop


@dataclass
class Call:
    shop: Shop
    news: News
    is_stale: bool = False


Info = GraphQLResolveInfo[Call]
