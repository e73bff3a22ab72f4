"""What isolates a cell from the others: rules, and the checks that belong to them."""
