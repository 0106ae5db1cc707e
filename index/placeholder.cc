namespace stratalog {}
