"""Every GraphQL document that is sent to Shopify; a test validates each against the official schema.

Orders are asked under the field names of Shopify's webhook bodies (by alias), so that one schema reads both.
Page sizes keep a document below the 1,000 points that one query may cost.
"""

MONEY = """
fragment Both on MoneyBag {
  shop_money: shopMoney { amount currency_code: currencyCode }
  presentment_money: presentmentMoney { amount currency_code: currencyCode }
}
"""

LINE = (
    MONEY
    + """
fragment Line on LineItem {
  admin_graphql_api_id: id
  sku
  title
  quantity
  current_quantity: currentQuantity
  unfulfilled_quantity: unfulfilledQuantity
  requires_shipping: requiresShipping
  weight { value unit }
  price_set: originalUnitPriceSet { ...Both }
  discount_allocations: discountAllocations { amount_set: allocatedAmountSet { ...Both } }
  tax_lines: taxLines(first: 5) { price_set: priceSet { ...Both } }
}
"""
)

ORDER = (
    LINE
    + """
query Order($id: ID!) {
  order(id: $id) {
    admin_graphql_api_id: id
    name
    created_at: createdAt
    updated_at: updatedAt
    cancelled_at: cancelledAt
    source_name: sourceName
    currency: currencyCode
    presentment_currency: presentmentCurrencyCode
    financial_status: displayFinancialStatus
    email
    phone
    tags
    note_attributes: customAttributes { name: key value }
    test
    customer { admin_graphql_api_id: id name: displayName }
    shipping_address: shippingAddress {
      name company address1 address2 city province zip country_code: countryCodeV2 phone latitude longitude
    }
    shipping_lines: shippingLine { title code delivery_category: deliveryCategory }
    subtotal_price_set: subtotalPriceSet { ...Both }
    total_discounts_set: totalDiscountsSet { ...Both }
    total_shipping_price_set: totalShippingPriceSet { ...Both }
    total_tax_set: totalTaxSet { ...Both }
    total_price_set: totalPriceSet { ...Both }
    risk { assessments { level: riskLevel } }
    transactions(first: 20) {
      admin_graphql_api_id: id kind status gateway created_at: createdAt
      amount_set: amountSet { ...Both } parent: parentTransaction { admin_graphql_api_id: id }
    }
    fulfillment_orders: fulfillmentOrders(first: 10) {
      nodes {
        status
        holds: fulfillmentHolds { reason }
        delivery: deliveryMethod { method: methodType until: maxDeliveryDateTime }
        assigned: assignedLocation { location { admin_graphql_api_id: id } }
      }
    }
    lines: lineItems(first: 25) { nodes { ...Line } page: pageInfo { next: hasNextPage cursor: endCursor } }
  }
}
"""
)

MORE_LINES = (
    LINE
    + """
query MoreLines($id: ID!, $after: String!) {
  order(id: $id) {
    lines: lineItems(first: 50, after: $after) {
      nodes { ...Line } page: pageInfo { next: hasNextPage cursor: endCursor }
    }
  }
}
"""
)

ORDER_OF_WORK = """
query OrderOfWork($id: ID!) { work: fulfillmentOrder(id: $id) { order_id: orderId } }
"""

CHANGED_ORDERS = """
query ChangedOrders($query: String!, $after: String) {
  orders(first: 25, after: $after, query: $query, sortKey: UPDATED_AT) {
    nodes { id updated_at: updatedAt } page: pageInfo { next: hasNextPage cursor: endCursor }
  }
}
"""

# ---- shipments ----

WORK = """
fragment Work on FulfillmentOrder {
  id
  status
  assigned: assignedLocation { location { id } }
  lines: lineItems(first: 100) { nodes { id remaining: remainingQuantity line: lineItem { id } } }
}
"""

OPEN_WORK = (
    WORK
    + """
query OpenWork($id: ID!, $after: String) {
  order(id: $id) {
    shipments: fulfillments(first: 100) { id status tracking: trackingInfo(first: 2) { number company } }
    works: fulfillmentOrders(first: 3, after: $after) {
      nodes { ...Work }
      page: pageInfo { next: hasNextPage cursor: endCursor }
    }
  }
}
"""
)

SHIPMENTS = """
query Shipments($id: ID!) {
  order(id: $id) {
    shipments: fulfillments(first: 100) { id status tracking: trackingInfo(first: 2) { number company } }
  }
}
"""

SHIPMENTS_WITH_LINES = """
query ShipmentsWithLines($id: ID!) {
  order(id: $id) {
    shipments: fulfillments(first: 8) {
      id
      status
      tracking: trackingInfo(first: 2) { number company }
      lines: fulfillmentLineItems(first: 50) { nodes { quantity line: lineItem { id } } }
    }
  }
}
"""

MOVE_WORK = (
    WORK
    + """
mutation MoveWork($id: ID!, $location: ID!, $lines: [FulfillmentOrderLineItemInput!]) {
  done: fulfillmentOrderMove(id: $id, newLocationId: $location, fulfillmentOrderLineItems: $lines) {
    moved: movedFulfillmentOrder { ...Work }
    errors: userErrors { field code message }
  }
}
"""
)

SPLIT_WORK = """
mutation SplitWork($splits: [FulfillmentOrderSplitInput!]!) {
  done: fulfillmentOrderSplit(fulfillmentOrderSplits: $splits) {
    splits: fulfillmentOrderSplits { work: remainingFulfillmentOrder { id } }
    errors: userErrors { field code message }
  }
}
"""

SHIP = """
mutation Ship($fulfillment: FulfillmentInput!) {
  done: fulfillmentCreate(fulfillment: $fulfillment) {
    shipment: fulfillment { id status tracking: trackingInfo(first: 2) { number company } }
    errors: userErrors { field message }
  }
}
"""

TRACK = """
mutation Track($id: ID!, $tracking: FulfillmentTrackingInput!) {
  done: fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: $tracking, notifyCustomer: true) {
    shipment: fulfillment { id status tracking: trackingInfo(first: 2) { number company } }
    errors: userErrors { field message }
  }
}
"""

# ---- cancel and money ----

CANCELED = """
query Canceled($id: ID!) { order(id: $id) { at: cancelledAt } }
"""

CANCEL = """
mutation Cancel($id: ID!, $reason: OrderCancelReason!, $refund: Boolean!, $notify: Boolean!) {
  done: orderCancel(
    orderId: $id, reason: $reason, restock: false, notifyCustomer: $notify
    refundMethod: { originalPaymentMethodsRefund: $refund }
  ) {
    job { id }
    errors: orderCancelUserErrors { field code message }
  }
}
"""

PAYMENTS = (
    MONEY
    + """
query Payments($id: ID!) {
  order(id: $id) {
    transactions(first: 100) {
      id kind status gateway amount: amountSet { ...Both } parent: parentTransaction { id }
    }
  }
}
"""
)

REFUNDS = (
    MONEY
    + """
query Refunds($id: ID!) {
  order(id: $id) {
    refunds(first: 50) { id note total: totalRefundedSet { ...Both } moved: transactions(first: 1) { nodes { id } } }
  }
}
"""
)

CAPTURE = (
    MONEY
    + """
mutation Capture($input: OrderCaptureInput!) {
  done: orderCapture(input: $input) {
    transaction { id kind status gateway amount: amountSet { ...Both } parent: parentTransaction { id } }
    errors: userErrors { field message }
  }
}
"""
)

REFUND = (
    MONEY
    + """
mutation Refund($input: RefundInput!, $key: String!) {
  done: refundCreate(input: $input) @idempotent(key: $key) {
    refund { id note total: totalRefundedSet { ...Both } moved: transactions(first: 1) { nodes { id } } }
    errors: userErrors { field message }
  }
}
"""
)

# ---- returns ----

RETURN = """
query Return($id: ID!, $after: String) {
  found: return(id: $id) {
    id
    status
    order { id }
    lines: returnLineItems(first: 50, after: $after) {
      nodes {
        id
        quantity
        processed: processedQuantity
        note: returnReasonNote
        reason: returnReason
        ... on ReturnLineItem { at: fulfillmentLineItem { id line: lineItem { id } } }
      }
      page: pageInfo { next: hasNextPage cursor: endCursor }
    }
  }
}
"""

RETURNS = """
query Returns($id: ID!, $after: String) {
  order(id: $id) {
    returns(first: 20, after: $after) {
      nodes { id lines: returnLineItems(first: 1) { nodes { note: returnReasonNote } } }
      page: pageInfo { next: hasNextPage cursor: endCursor }
    }
  }
}
"""

RETURNABLE = """
query Returnable($order: ID!, $after: String) {
  returnable: returnableFulfillments(orderId: $order, first: 10, after: $after) {
    nodes {
      lines: returnableFulfillmentLineItems(first: 50) {
        nodes { quantity at: fulfillmentLineItem { id line: lineItem { id } } }
      }
    }
    page: pageInfo { next: hasNextPage cursor: endCursor }
  }
}
"""

OPEN_RETURN = """
mutation OpenReturn($input: ReturnInput!) {
  done: returnCreate(returnInput: $input) { made: return { id } errors: userErrors { field code message } }
}
"""

APPROVE_RETURN = """
mutation ApproveReturn($input: ReturnApproveRequestInput!) {
  done: returnApproveRequest(input: $input) { made: return { id } errors: userErrors { field code message } }
}
"""

DECLINE_RETURN = """
mutation DeclineReturn($input: ReturnDeclineRequestInput!) {
  done: returnDeclineRequest(input: $input) { made: return { id } errors: userErrors { field code message } }
}
"""

PROCESS_RETURN = """
mutation ProcessReturn($input: ReturnProcessInput!) {
  done: returnProcess(input: $input) { made: return { id } errors: userErrors { field code message } }
}
"""

CLOSE_RETURN = """
mutation CloseReturn($id: ID!) {
  done: returnClose(id: $id) { made: return { id } errors: userErrors { field code message } }
}
"""

REOPEN_RETURN = """
mutation ReopenReturn($id: ID!) {
  done: returnReopen(id: $id) { made: return { id } errors: userErrors { field code message } }
}
"""

# ---- stock ----

LEVELS = """
fragment Levels on InventoryItem {
  id
  sku
  levels: inventoryLevels(first: 50, after: $after) {
    nodes { location { id } quantities(names: ["available"]) { name quantity } }
    page: pageInfo { next: hasNextPage cursor: endCursor }
  }
}
"""

STOCK = LEVELS + "query Stock($ids: [ID!]!, $after: String) { items: nodes(ids: $ids) { ...Levels } }"

ALL_STOCK = """
query AllStock($after: String) {
  items: inventoryItems(first: 100, after: $after) { nodes { id } page: pageInfo { next: hasNextPage cursor: endCursor } }
}
"""

SET_STOCK = """
mutation SetStock($input: InventorySetQuantitiesInput!, $key: String!) {
  done: inventorySetQuantities(input: $input) @idempotent(key: $key) {
    errors: userErrors { field code message }
  }
}
"""

# ---- onboarding ----

ACCESS = """
query Access { shop { domain: myshopifyDomain } app: currentAppInstallation { scopes: accessScopes { handle } } }
"""

LOCATIONS = """
query Locations($after: String) {
  locations(first: 100, after: $after) {
    nodes { id name address { zip country: countryCode } }
    page: pageInfo { next: hasNextPage cursor: endCursor }
  }
}
"""

SUBSCRIPTIONS = """
query Subscriptions($uri: String!, $after: String) {
  subscriptions: webhookSubscriptions(first: 100, after: $after, uri: $uri) {
    nodes { topic } page: pageInfo { next: hasNextPage cursor: endCursor }
  }
}
"""

SUBSCRIBE = """
mutation Subscribe($topic: WebhookSubscriptionTopic!, $uri: String!) {
  done: webhookSubscriptionCreate(topic: $topic, webhookSubscription: { uri: $uri, format: JSON }) {
    errors: userErrors { field message }
  }
}
"""
