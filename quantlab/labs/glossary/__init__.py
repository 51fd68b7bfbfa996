"""The glossary as a lab: its address is what is looked for."""
