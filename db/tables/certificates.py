"""Certificates of the inventory ledger, as they were signed."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from db.types import instant


class StockCertificateRow(SQLModel, table=True):
    """Append-only; the text is kept to the byte, since the signature is over its bytes."""

    __tablename__ = "stock_certificates"
    number: int = Field(primary_key=True)
    made_at: datetime = instant()
    holds: bool
    text: str
    signature: str
    digest: str
