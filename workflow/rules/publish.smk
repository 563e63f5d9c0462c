"""Publication: one folder with everything for a paper."""

OF_DATASET = [
    *rules.describe_data.output,
    *rules.plot_features.output,
    *rules.plot_correlations.output,
    *rules.compare_rocs.output,
    *rules.relate_features.output,
    *rules.plot_dependence.output,
]
OF_MODEL = [
    *PLOTS_OF_MODEL,
    *rules.fit_workspace.output,
    *rules.plot_workspace.output,
    *rules.explain_model.output,
    *rules.plot_importance.output,
    *rules.plot_partial_dependence.output,
]
# The ONNX form of image models is not published; it is made on request.
OF_OTHER_MODEL = rules.export_model.output
# Blends have no epochs, and their parts a history only if the run names them.
WITH_HISTORY = [model for model in MODELS if model not in BLENDS]
# Only published if the run has an image model.
OF_IMAGES = [
    *expand(rules.plot_gallery.output, dataset=DATASETS),
    *expand(rules.plot_saliency.output, dataset=DATASETS, model=IMAGE_MODELS),
    *(rules.examine_claim.output if "higgsml" in DATASETS else ()),
]
WITH_HYPOTHESES = [d for d in DATASETS if SETTINGS.datasets[d].hypothesis]
WITH_SPECTRUM = [d for d in DATASETS if SETTINGS.datasets[d].spectrum]
OF_FIT = [
    *rules.fit_parameters.output,
    *rules.export_templates.output,
    *rules.plot_parameters.output,
    *rules.plot_regions.output,
]
# Where the spectrum itself is fitted, the regions of the fit show it.
SHOWN_SPECTRA = [
    d
    for d in WITH_FITS
    if d in WITH_SPECTRUM and config["inference"]["observable"] == "score"
]
WITH_PROCESSES = [
    d
    for d in DATASETS
    if declared_processes.are_several(declared_processes.of(SETTINGS.datasets[d]))
]
COPIED = [
    *expand(rules.evaluate.output.metrics, dataset=DATASETS, model=ALL_MODELS),
    *STUDY,
    *SEARCHES,
    *LEARNING_CURVES,
    *rules.compare_models.output,
    *rules.compare_pairs.output,
    *OF_BLENDS,
    *expand(OF_DATASET, dataset=DATASETS),
    *expand(OF_MODEL, dataset=DATASETS, model=MODELS),
    *expand(rules.plot_history.output, dataset=DATASETS, model=WITH_HISTORY),
    *expand(rules.plot_sculpting.output, dataset=WITH_SPECTRUM, model=MODELS),
    *expand(
        rules.compare_sculpting.output, dataset=WITH_SPECTRUM if len(MODELS) > 1 else ()
    ),
    *expand(rules.plot_processes.output, dataset=WITH_PROCESSES, model=MODELS),
    *expand(rules.plot_class_rocs.output, dataset=DATASETS, model=CLASS_MODELS),
    *expand(rules.plot_confusion.output, dataset=DATASETS, model=CLASS_MODELS),
    *expand(OF_FIT, dataset=WITH_FITS, model=MODELS),
    *expand(rules.plot_spectrum.output, dataset=SHOWN_SPECTRA, model=MODELS),
    *expand(rules.plot_mass_aucs.output, dataset=WITH_HYPOTHESES, model=MODELS),
    *expand(rules.compare_mass_aucs.output, dataset=WITH_HYPOTHESES),
    *expand(OF_OTHER_MODEL, dataset=DATASETS, model=OTHER_MODELS),
    *EMBEDDINGS,
    *(OF_IMAGES if IMAGE_MODELS else ()),
]
# Figures whose numbers go into the HEPData submission.
CURVES = [
    rules.plot_roc.output.csv,
    rules.plot_ams.output.csv,
    rules.plot_scores.output.csv,
]


rule publish:
    """Collect tables, figures and provenance in one folder, ready for a paper."""
    input:
        metrics=expand(
            rules.evaluate.output.metrics, dataset=DATASETS, model=ALL_MODELS
        ),
        curves=expand(CURVES, dataset=DATASETS, model=MODELS),
        processes=expand(
            rules.plot_processes.output.csv, dataset=WITH_PROCESSES, model=MODELS
        ),
        pairs=rules.compare_pairs.output.csv,
        fits=expand(rules.fit_parameters.output.fit, dataset=WITH_FITS, model=MODELS),
        learning_curves=expand(
            rules.fit_learning_curve.output.fit,
            dataset=WITH_CURVES,
            model=CURVE_MODELS,
        ),
        cards=expand(rules.describe_data.output.card, dataset=DATASETS),
        copied=COPIED,
        captions=sorted(map(str, ROOT.glob("workflow/report/*.rst"))),
        citation=str(ROOT / "CITATION.cff"),
        references=str(ROOT / "workflow/references.bib"),
        snakefile=str(ROOT / "workflow/Snakefile"),
    output:
        multiext(
            "results/publish/",
            readme="README.md",
            methods="methods.md",
            references="references.bib",
            model_card="model_card.md",
            overview="overview.html",
            provenance="provenance.json",
            config="config.yaml",
            snakefile="Snakefile",
            graph="rulegraph.dot",
            crate="ro-crate-metadata.json",
            hepdata="hepdata.zip",
        ),
        curves="results/publish/hepdata/submission.yaml",
        steps=multiext("results/publish/tables/steps", ".csv", ".md"),
        copied=[f"results/publish/{path.removeprefix(RESULTS)}" for path in COPIED],
    log:
        "results/logs/publish.log",
    localrule: True
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(10),
        gpu=0,
    params:
        settings=settings("publish.py", config="", release=release_of_workflow),
        graph=graph_edges,
    script:
        "../../scripts/publish.py"
