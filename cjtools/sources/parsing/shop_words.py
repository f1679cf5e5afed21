"""What shops write of payments, deliveries and states of orders, in the five languages, and what it means."""

from __future__ import annotations

import re

from cjtools.words import fold

# What a shop writes of a payment, folded; the first that fits, from the most telling on.
PAYMENTS = (
    ("gift_card", r"gift|regal|cadou|voucher|store-credit|buono-|vale-"),
    ("cod", r"cash-on-delivery|\bcod\b|contra-?re|contrassegno|ramburs|al-recibir|alla-consegna|la-livrare"),
    (
        "bnpl",
        (
            r"klarna|sequra|scalapay|afterpay|clearpay|bnpl|aplazame|oney|\btbi|later|installment|a-rate\b|in-rate|"
            r"termini|terminis|plazos"
        ),
    ),
    ("bizum", r"bizum"),
    ("paypal", r"pay-?pal"),
    ("wallet", r"apple-?pay|google-?pay|amazon-?pay|shop-pay|\bwallet|satispay|revolut"),
    ("transfer", r"transf|bonific|\bsepa\b|wire|virament|bank-deposit|\bbacs\b"),
    (
        "card",
        (
            r"card|tarje|targe|carta|visa|master|maestro|amex|debit|credit|tpv|redsys|stripe|shopify-payments|"
            r"woocommerce-payments|sumup|zettle|datafon"
        ),
    ),
    ("cash", r"cash|efectiu|efectivo|contant|numerar|metal"),
)

# Collected in a shop; a locker or a parcel point is a delivery.
PICKUP = re.compile(r"pick-?up|click-(?:and|&|n|i|y|e)-collect|recoll|recogid|recoger|ritiro|ridica|in-store|botiga")
PARCEL_POINT = re.compile(
    r"locker|easybox|parcel|paquet|inpost|pudo|access-point|pickup-point|"
    r"punts?-(?:de-)?recoll|puntos?-(?:de-)?reco|punto-(?:di-)?ritiro|punct-(?:de-)?ridic"
)

# States that decide whether an order was a purchase; other states stay as the shop writes them.
STATUSES = {
    word: status
    for status, words in {
        "cancelled": "canceled cancelled cancelat cancelada cancelado cancellat cancellata cancellato cancel-lat "
        "annullato annullata anulat anulata anullat",
        "failed": "failed fallat fallit fallada fallido fallida fallito esuat esuata",
        "refunded": "refunded reembolsado reembolsada reemborsat reembossat rimborsato rimborsata rambursat rambursata",
        "pending": "pending pending-payment pendent pendent-de-pagament pendiente pendiente-de-pago "
        "in-attesa-di-pagamento in-asteptarea-platii plata-in-asteptare",
        "completed": "completed completat completada completado completato finalizat finalizata",
        "processing": "processing en-proces processant procesando en-proceso in-lavorazione in-procesare",
        "on-hold": "on-hold en-espera sospeso in-sospeso in-asteptare",
        "voided": "voided",
    }.items()
    for word in words.split()
}

# What was never paid is no purchase, not even one that was taken back.
NOT_PAID = ("failed", "voided", "expired", "draft", "checkout-draft", "auto-draft", "trash")


def payment_method(raw: str) -> str:
    """Return what kind of payment a shop's words mean; unknown words are 'other'.

    Of several payments, joined by a plus, the first that is no gift card.

    >>> payment_method("Targeta VISA ****"), payment_method("contrassegno"), payment_method("points")
    ('card', 'cod', 'other')
    >>> payment_method("Gift Card + Shopify Payments")
    'card'
    """
    kinds = [one_payment(part) for part in re.split(r"\s\+\s", raw)]
    return next((kind for kind in kinds if kind != "gift_card"), kinds[0])


def one_payment(raw: str) -> str:
    """Return what kind of payment some words mean."""
    text = fold(raw)
    return next((name for name, pattern in PAYMENTS if re.search(pattern, text)), "other")


def is_pickup(shipping: str) -> bool:
    """Say whether a way of delivery is collecting in a shop.

    >>> [is_pickup(text) for text in ("Recollida a botiga", "Local pickup", "Punt de recollida", "SEUR 24 h")]
    [True, True, False, False]
    """
    text = fold(shipping)
    return PICKUP.search(text) is not None and PARCEL_POINT.search(text) is None


def order_status(raw: str) -> str:
    """Return a state of an order: known words of the five languages in English, others in small letters.

    >>> [order_status(text) for text in ("wc-completed", "Annullato", "Partially_Refunded")]
    ['completed', 'cancelled', 'partially_refunded']
    """
    text = raw.strip().lower().removeprefix("wc-")
    return STATUSES.get(fold(text), text)
