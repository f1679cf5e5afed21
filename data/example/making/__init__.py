"""The parts that make.py puts together: everything in them is invented and seeded."""
