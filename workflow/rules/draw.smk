"""What all figures share. Each is a rule of its own that inherits `draw`."""


rule draw:
    """Draw a figure; this rule has no output, so that only those that inherit it run."""
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
