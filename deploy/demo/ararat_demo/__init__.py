"""The demonstration: what an engineer, an approver and an outside observer do and see."""
