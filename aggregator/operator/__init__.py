"""What is reported to the operator, the person who runs the program, and the condition of feeds."""
