"""The record layer: what people did to a case, in a form whose bytes can be hashed and checked by anybody."""
