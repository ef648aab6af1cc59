## Somebody leaves
