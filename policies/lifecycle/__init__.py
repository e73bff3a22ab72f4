"""How a fleet may change: rules, and the checks that belong to them."""
