"""The workflow as it runs from its own folder: `snakemake -n` lists what would be done."""

# Like `include:`, but with the target of the included file.
workflow.include("workflow/Snakefile", overwrite_default_target=True)
