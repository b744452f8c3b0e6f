"""What libraries print by themselves while they train."""
