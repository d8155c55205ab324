"""What puts SafeGuard on a PC and takes it off again: a plan as data, made for this system, then done step by step with a journal."""
