"""A plan that survives: what to build where several futures are possible and one plan must do for all of them."""
