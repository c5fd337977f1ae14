"""Lists the licences of the packages that the programs need: `make licences`."""
