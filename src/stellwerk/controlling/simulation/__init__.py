"""Schedule and cost risk of the room: from stored plans to the engine, and from its outcome to what is told."""
