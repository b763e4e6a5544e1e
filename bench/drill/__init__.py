"""The drill: a scripted bad day, a scorecard by the simulators' own counts, and control arms that must fail."""
