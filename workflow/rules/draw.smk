"""Base rule of all figures. Each figure is a separate rule that inherits `draw`."""


rule draw:
    """Draw a figure. This rule has no output, so only rules that inherit it can run."""
    log:
        "results/logs/draw.log",
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000, 4),
        runtime=minutes(10, 0.05),
        gpu=0,
    script:
        "../../scripts/draw.py"
