"""The wheel on the screen: painted once, then only turned."""
