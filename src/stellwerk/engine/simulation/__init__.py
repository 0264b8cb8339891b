"""Schedule and cost risk by simulation (worked numbers: ``docs/algorithms/simulation.md``)."""

from stellwerk.engine.network import NONE, CycleError, HorizonError
from stellwerk.engine.simulation.model import (
    Costs,
    Distribution,
    Estimates,
    Fault,
    FaultCode,
    Impacts,
    Measure,
    Risks,
    Simulation,
    SimulationError,
)
from stellwerk.engine.simulation.outcome import Outcome, RiskEffects, Sensitivity
from stellwerk.engine.simulation.run import Watcher
from stellwerk.engine.simulation.sample import Frontier, Sample
from stellwerk.engine.simulation.solve import Options, simulate

__all__ = [
    "NONE", "Costs", "CycleError", "Distribution", "Estimates", "Fault", "FaultCode", "Frontier", "HorizonError", "Impacts", "Measure",
    "Options", "Outcome", "RiskEffects", "Risks", "Sample", "Sensitivity", "Simulation", "SimulationError", "Watcher", "simulate",
]  # fmt: skip
