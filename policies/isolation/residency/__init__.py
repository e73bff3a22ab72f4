"""Where tenants' data is (ISO-09): what is declared, and where resources put and copy it."""
