"""What the user decides about trials: to give one up, or to have it trained again. The record keeps it."""
