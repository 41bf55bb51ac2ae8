"""What is being typed into a long form, kept until the form is handed in."""
