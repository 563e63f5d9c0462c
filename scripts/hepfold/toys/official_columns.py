"""Columns of the public data sets in the order of their official files."""

HIGGSML_DERIVED = (
    "DER_mass_MMC",
    "DER_mass_transverse_met_lep",
    "DER_mass_vis",
    "DER_pt_h",
    "DER_deltaeta_jet_jet",
    "DER_mass_jet_jet",
    "DER_prodeta_jet_jet",
    "DER_deltar_tau_lep",
    "DER_pt_tot",
    "DER_sum_pt",
    "DER_pt_ratio_lep_tau",
    "DER_met_phi_centrality",
    "DER_lep_eta_centrality",
)
HIGGSML_PRIMITIVE = (
    "PRI_tau_pt",
    "PRI_tau_eta",
    "PRI_tau_phi",
    "PRI_lep_pt",
    "PRI_lep_eta",
    "PRI_lep_phi",
    "PRI_met",
    "PRI_met_phi",
    "PRI_met_sumet",
    "PRI_jet_num",
    "PRI_jet_leading_pt",
    "PRI_jet_leading_eta",
    "PRI_jet_leading_phi",
    "PRI_jet_subleading_pt",
    "PRI_jet_subleading_eta",
    "PRI_jet_subleading_phi",
    "PRI_jet_all_pt",
)
HIGGSML = (
    "EventId",
    *HIGGSML_DERIVED,
    *HIGGSML_PRIMITIVE,
    "Weight",
    "Label",
    "KaggleSet",
    "KaggleWeight",
)
HIGGS_LOW_LEVEL = (
    "lepton_pt",
    "lepton_eta",
    "lepton_phi",
    "missing_energy_magnitude",
    "missing_energy_phi",
    *(f"jet_{jet}_{of}" for jet in range(1, 5) for of in ("pt", "eta", "phi", "b_tag")),
)
HIGGS_HIGH_LEVEL = ("m_jj", "m_jjj", "m_lv", "m_jlv", "m_bb", "m_wbb", "m_wwbb")
HIGGS = ("label", *HIGGS_LOW_LEVEL, *HIGGS_HIGH_LEVEL)
HEPMASS = ("# label", *(f"f{i}" for i in range(27)), "mass")
