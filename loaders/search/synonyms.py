"""What clinicians type and what the tables call it: words left out, words for kinds of rows, synonyms of the field.

A topic such as `endpoint:os` means one endpoint or therapy, by any name; `SYNONYMS` maps what people write to topics,
each with a weight of at most 1. Names of drugs, trials, genes, endpoints and side effects come from the tables.
"""

from __future__ import annotations

Topics = tuple[tuple[str, float], ...]

# Words that don't narrow a search.
STOP_WORDS = frozenset(
    "a about after all an and any are as at be been by can compare compared comparison did do does during for from get "
    "give given had has have how if in into is it its long many me more much my of on one or patient people question "
    "should show still tell than that the their them there these "
    "they this to under use used using v versus vs was were "
    "what when where which who why will with work "
    "worked working would you disease cancer breast therapy treatment drug "
    "drugs which data evidence result study effect between against outcome "
    "date rate frequency percentage percent value number median month year "
    "significant significantly formally statistically "
    "help helped helping benefit effective efficacy work best good better".split()
)  # fmt: skip

_EARLY = (("setting:adjuvant", 1.0), ("setting:neoadjuvant", 1.0), ("setting:extended_adjuvant", 0.9))
_SURVIVAL = (
    ("endpoint:os", 1.0), ("endpoint:dfs", 0.5), ("endpoint:idfs", 0.5), ("endpoint:pfs", 0.4), ("endpoint:bcss", 0.5),
)  # fmt: skip
_PCR = tuple((f"endpoint:pcr_{k}", 1.0) for k in ("breast", "breast_nodes", "strict", "unspecified"))

# Topics of what people write; keys with a bar have several spellings.
SYNONYMS: dict[str, Topics] = {
    # endpoints
    "survival|live|lived|alive|live longer|lived longer|die|mortality|death": _SURVIVAL,
    "progression|progress": (("endpoint:pfs", 0.9), ("endpoint:ttp", 0.9)),
    "pcr|pathologic complete response|pathological complete response|complete pathological response": _PCR,
    "response rate|objective response|overall response rate|rr": (("endpoint:orr", 1.0),),
    "relapse|recurrence": (
        ("endpoint:recurrence", 1.0), ("endpoint:rfs", 0.8), ("endpoint:rfi", 0.8), ("endpoint:dfs", 0.8),
        ("endpoint:idfs", 0.8), ("endpoint:distant_recurrence", 0.7), ("endpoint:drfi", 0.6),
    ),
    "invasive disease free survival|idfs": (("endpoint:idfs", 1.0),),
    "disease free survival": (("endpoint:dfs", 1.0), ("endpoint:idfs", 0.8)),
    "distant recurrence|distant relapse": (
        ("endpoint:distant_recurrence", 1.0), ("endpoint:drfs", 0.9), ("endpoint:drfi", 0.9), ("endpoint:ddfs", 0.9),
    ),
    # kinds of rows
    "side effect|adverse event|adverse effect|adverse reaction|toxicity|toxicities|toxic|safety|tolerability|ae|sae": (
        ("kind:adverse_event", 1.0),
    ),
    "approval|approved|approve|licence|license|licensed|indication|label|marketing authorisation": (
        ("kind:approval", 1.0),
    ),
    "dose|dosage|dosing|posology|starting dose|recommended dose|recommended starting dose|how much": (
        ("kind:dose", 1.0),
    ),
    "fda|us approval": (("agency:fda", 1.0),),
    "ema|europe|european": (("agency:ema", 1.0),),
    "resistance|resistant|escape|mechanism of resistance|resistance mechanism": (("kind:resistance", 1.0),),
    "mechanism": (("kind:mechanism", 1.0), ("kind:resistance", 0.7)),
    "crosstalk|interaction|signalling|signaling|pathway": (("kind:interaction", 1.0),),
    "guideline|guidance|recommend|recommendation|recommended|standard of care": (("kind:guidance", 1.0),),
    "trial|randomised trial|randomised|rct|studies": (("kind:trial", 1.0), ("kind:result", 0.5)),
    "hazard ratio|odds ratio|risk ratio|relative risk": (("kind:result", 1.0),),
    "latest|newest|current|most recent|updated|update": (("analysis:latest", 1.0),),
    "retracted|retraction": (("status:retracted", 1.0),),
    "phase 3|phase iii": (("phase:3", 1.0),),
    "phase 2|phase ii": (("phase:2", 1.0),),
    "crossover|crossed over|cross over|switched": (("kind:crossover", 1.0),),
    "prevention|chemoprevention|risk reduction|prophylaxis": (("setting:prevention", 1.0),),
    # settings and lines
    "metastatic|advanced|mbc|abc|stage iv|stage 4": (("setting:metastatic", 1.0),),
    "early|ebc|early stage": _EARLY,
    "adjuvant": (("setting:adjuvant", 1.0), ("setting:extended_adjuvant", 0.6)),
    "neoadjuvant|preoperative|before surgery|neo adjuvant|primary systemic": (("setting:neoadjuvant", 1.0),),
    "extended adjuvant|extended": (("setting:extended_adjuvant", 1.0),),
    "residual|residual disease|residual invasive disease|post neoadjuvant": (("topic:residual", 1.0),),
    "first line|1l|1st line|frontline|front line|untreated": (("line:first", 1.0), ("line:first_or_second", 0.7)),
    "second line|2l|2nd line|later line|pretreated|third line|3l": (
        ("line:second_plus", 1.0), ("line:first_or_second", 0.7),
    ),
    # receptors
    "hr+|hr positive|hormone receptor positive|er+|er positive|estrogen receptor positive|luminal|hrpos": (
        ("hr:positive", 1.0),
    ),
    "hr negative|hormone receptor negative|er negative|estrogen receptor negative": (("hr:negative", 1.0),),
    "hormone receptor": (("hr:positive", 0.9), ("hr:negative", 0.9)),
    "her2+|her2 positive|her2 amplified|erbb2 positive|her2 overexpressing|her2pos": (("her2:positive", 1.0),),
    "her2 negative|her2neg": (("her2:negative", 1.0),),
    "her2": (
        ("her2:positive", 0.8), ("class:her2-targeted", 0.8), ("gene:ERBB2", 1.0),
    ),
    "triple positive|tpbc": (("hr:positive", 1.0), ("her2:positive", 1.0)),
    "premenopausal|young woman|young women": (("meno:premenopausal", 1.0),),
    "postmenopausal": (("meno:postmenopausal", 1.0),),
    "elderly|older|older patient|older women|geriatric|old|aged": (("age:older", 1.0),),
    # treatment before
    "after cdk4 6|after cdk4 6 inhibitor|after a cdk4 6 inhibitor|after progression on cdk4 6|"
    "after progression on cdk4 6 inhibitor|after progression on a cdk4 6 inhibitor|progression on cdk4 6|"
    "progression on cdk4 6 inhibitor|progressed on cdk4 6|progressed on cdk4 6 inhibitor|prior cdk4 6|"
    "prior cdk4 6 inhibitor|previous cdk4 6|previous cdk4 6 inhibitor|post cdk4 6|post cdk4 6 inhibitor|"
    "following cdk4 6|following cdk4 6 inhibitor|cdk4 6 pretreated|cdk4 6 rechallenge|after cdk4 6i|post cdk4 6i|"
    "progression on cdk4 6i|after progression on cdk4 6i|beyond progression": (("prior:cdk4-6-inhibitor", 1.0),),
    # classes
    "cdk4 6|cdk46|cdk4 6i|cdk46i|cdki|cdk4 6 inhibition|cyclin dependent kinase 4 6 inhibitor": (
        ("class:cdk4-6-inhibitor", 1.0),
    ),
    "ai|aromatase inhibition": (("class:aromatase-inhibitor", 1.0),),
    "adc|antibody drug conjugate": (
        ("class:her2-antibody-drug-conjugate", 1.0), ("class:trop2-antibody-drug-conjugate", 1.0),
    ),
    "tki|tyrosine kinase inhibitor": (("class:her2-tyrosine-kinase-inhibitor", 1.0),),
    "anti her2|her2 targeted|her2 directed|her2 blockade|anti her2 therapy|her2 therapy": (
        ("class:her2-targeted", 1.0),
    ),
    "dual blockade|dual her2 blockade|dual her2|two anti her2|double her2 blockade": (
        ("topic:dual-her2", 1.0), ("class:anti-her2-antibody", 0.3),
    ),
    "endocrine|endocrine therapy|hormone therapy|hormonal therapy|hormonal|et|antiestrogen|anti estrogen": (
        ("class:endocrine-therapy", 1.0),
    ),
    "serd": (("class:serd", 1.0), ("class:oral-serd", 0.9), ("class:injectable-serd", 0.9)),
    "pi3k|pi3k inhibition": (("class:pi3k-inhibitor", 1.0), ("class:pi3k-akt-mtor-inhibitor", 0.8)),
    "mtor": (("class:mtor-inhibitor", 1.0), ("gene:MTOR", 1.0)),
    "akt": (("class:akt-inhibitor", 1.0), ("gene:AKT1", 1.0)),
    "ovarian suppression|ovarian function suppression|ofs|lhrh|gnrh|ovarian ablation|goserelin like": (
        ("class:ovarian-suppression", 1.0), ("class:gnrh-agonist", 0.9),
    ),
    "chemo|chemotherapy|cytotoxic": (("class:chemotherapy", 1.0),),
    "chemo free|chemotherapy free|no chemotherapy|no chemo": (("no:chemotherapy", 1.0),),
    "bisphosphonate|bone protection|bone health": (("class:bone-agent", 1.0),),
    "immunotherapy|checkpoint inhibitor": (("class:immune-checkpoint-inhibitor", 1.0),),
    "parp": (("class:parp-inhibitor", 1.0),),
    "thp": (("therapy:pertuzumab", 0.6), ("class:taxane", 0.6)),
    # genes by the names of their proteins
    "er|estrogen receptor|era|er alpha": (("gene:ESR1", 1.0),),
    "pr|pgr|progesterone receptor": (("gene:PGR", 1.0),),
    "her1": (("gene:EGFR", 1.0),),
    "her3": (("gene:ERBB3", 1.0),),
    "her4": (("gene:ERBB4", 1.0),),
    "her2 neu|erbb2": (("gene:ERBB2", 1.0),),
    "mapk|erk|erk1 2|mek": (("gene:MAPK1", 1.0), ("gene:MAPK3", 1.0), ("gene:MAP2K1", 0.7)),
    "rb|retinoblastoma": (("gene:RB1", 1.0),),
    "p95|p95her2": (("gene:ERBB2", 0.9),),
    # side effects by the words of patients and nurses
    "lung inflammation|lung toxicity|ild": (
        ("event:interstitial-lung-disease", 1.0), ("event:interstitial-lung-disease-or-pneumonitis", 1.0),
        ("event:pneumonitis", 0.9),
    ),
    "high blood sugar|glucose|diabetes": (("event:hyperglycemia", 1.0),),
    "low white cells|low neutrophils": (("event:neutrophil-count-decreased", 1.0),),
    "heart|cardiac|cardiotoxicity|lvef|heart damage": (
        ("event:heart-failure", 1.0), ("event:ejection-fraction-decreased", 1.0), ("event:cardiac-event", 1.0),
        ("event:left-ventricular-systolic-dysfunction", 1.0),
    ),
    "hand foot syndrome": (("event:palmar-plantar-erythrodysesthesia-syndrome", 1.0),),
    "hair loss": (("event:alopecia", 1.0),),
    "blood clot|clot|thrombosis": (
        ("event:venous-thromboembolic-event", 1.0), ("event:thromboembolic-event", 1.0),
        ("event:pulmonary-embolism", 0.9), ("event:deep-vein-thrombosis", 0.9),
    ),
    "hot flash|hot flush|hot flushes": (("event:hot-flashes", 1.0),),
    "sore mouth": (("event:mucositis-oral", 1.0),),
    "tiredness|tired": (("event:fatigue", 1.0),),
}  # fmt: skip
