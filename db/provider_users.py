"""Who a person that the OpenID provider vouches for is here, and with which role."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Row

from db import users
from db.actors import ROLES, Actor, Role
from db.audit import record
from db.rows import change
from db.users import USERS
from db.vault import Vault
from domain.errors import DomainError


@dataclass(frozen=True, kw_only=True)
class Admission:
    """Whom the installation lets in; `roles` says which role goes with which value of the claim."""

    role_claim: str
    roles: Mapping[str, Role]
    default_role: Role | None
    domains: frozenset[str]
    trusts_email: bool
    """Whether an address counts that the provider does not say to be verified."""


def admit(tx: Connection, vault: Vault, claims: Mapping[str, Any], rules: Admission, now: datetime) -> str:
    """The user's id; who is new, or has another role at the provider, is so here from now on.

    DomainError("not_admitted") says why not. The provider has the last word on roles that it maps, even of the last
    admin: whoever runs the installation can make another with the commands' own key.
    """
    email = str(claims.get("email") or "")
    if rules.domains and (not _is_sure(claims, rules) or email.rpartition("@")[2].lower() not in rules.domains):
        raise DomainError("not_admitted", "your address is not of a domain that is let in here")
    provider_index = vault.cipher.blind_index(f"openid {claims['iss']} {claims['sub']}")
    found = users.provided(tx, provider_index) or _by_email(tx, vault, claims, rules)
    role = _role(claims, rules, found)
    if role is None:
        raise DomainError("not_admitted", "nobody gave you a role here; ask an admin")
    if found is None:
        if not email:
            raise DomainError("not_admitted", "the provider does not tell your e-mail address")
        name = str(claims.get("name") or email)[:200]
        return users.create(
            tx, vault, name=name, email=email, role=role, by=None, now=now, provider_index=provider_index
        )
    if found.disabled_at is not None:
        raise DomainError("not_admitted", "you are disabled here; ask an admin")
    if found.provider_index not in {None, provider_index}:
        raise DomainError("not_admitted", "the user with your address is somebody else at the provider; ask an admin")
    _keep(tx, found, role, provider_index, now)
    return str(found.id)


def _by_email(tx: Connection, vault: Vault, claims: Mapping[str, Any], rules: Admission) -> Row[Any] | None:
    """Only a verified address tells who somebody is: anyone may write any address into an account."""
    found = users.find_by_email(tx, vault, str(claims["email"])) if claims.get("email") else None
    if found is not None and not _is_sure(claims, rules):
        raise DomainError("not_admitted", "the provider has not verified your address; sign in by a link")
    return found


def _is_sure(claims: Mapping[str, Any], rules: Admission) -> bool:
    return claims.get("email_verified") is True or (rules.trusts_email and "email_verified" not in claims)


def _role(claims: Mapping[str, Any], rules: Admission, found: Row[Any] | None) -> Role | None:
    """The highest that the claim gives; without a mapping, the one that an admin gave."""
    if not rules.roles and found is not None:
        return cast("Role", found.role)
    said = claims.get(rules.role_claim) or []
    values = {said} if isinstance(said, str) else {value for value in said if isinstance(value, str)}
    given = [rules.roles[value] for value in values if value in rules.roles]
    return max(given, key=ROLES.index, default=rules.default_role)


def _keep(tx: Connection, found: Row[Any], role: Role, provider_index: str, now: datetime) -> None:
    if found.provider_index is None:
        change(tx, USERS, found.id, provider_index=provider_index)
    if found.role != role:
        change(tx, USERS, found.id, role=role)
        by = Actor(name="provider", role=role, origin="sign-in")
        record(tx, by, "user.change", found.id, now=now, before={"role": found.role}, after={"role": role})
