"""How far apart two points are, and where a destination without coordinates lies."""

from math import asin, cos, radians, sin, sqrt

from domain.sourcing.problem import Destination, Point
from domain.sourcing.rules import Centroid

EARTH_DIAMETER_KM = 2 * 6371.0088  # mean radius, IUGG


def great_circle_km(a: Point, b: Point) -> int:
    """Haversine, rounded to whole kilometres so that no rule depends on a float's last digit."""
    phi_a, phi_b = radians(a.latitude), radians(b.latitude)
    half_lambda = radians(b.longitude - a.longitude) / 2
    h = sin((phi_b - phi_a) / 2) ** 2 + cos(phi_a) * cos(phi_b) * sin(half_lambda) ** 2
    return round(EARTH_DIAMETER_KM * asin(min(1.0, sqrt(h))))


def locate(destination: Destination, centroids: tuple[Centroid, ...]) -> Point | None:
    """The destination's own point, or the centroid of the longest postal prefix that fits."""
    if destination.point is not None:
        return destination.point
    fitting = [
        centroid
        for centroid in centroids
        if centroid.country == destination.country and destination.postal_prefix.startswith(centroid.postal_prefix)
    ]
    return max(fitting, key=lambda centroid: len(centroid.postal_prefix)).point if fitting else None
