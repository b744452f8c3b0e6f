"""Rolls down a valley: settings are constants, and it takes no options."""

# settings

LEARNING_RATE = 0.1
MOMENTUM = 0.0
STEPS = 10

# training

place, speed = 2.0, 0.0
for i in range(STEPS):
    speed = MOMENTUM * speed - LEARNING_RATE * 2 * place
    place += speed
    loss = place**2
    print(f"{i}: {loss:.5f}")
