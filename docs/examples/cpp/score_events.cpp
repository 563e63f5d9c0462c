// Score the events of a CSV file with a model that hepfold exported:
//   score_events ensemble.onnx events.csv > scores.txt
// Columns may have any order, and there may be further ones. Empty values are missing.

#include <onnxruntime_cxx_api.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <limits>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

// Events that are scored at once: a few hundred are fastest.
constexpr std::size_t BATCH = 256;

// Names of the input columns: a JSON list in the metadata of the model.
std::vector<std::string> features_of(const Ort::Session& session) {
    Ort::AllocatorWithDefaultOptions allocator;
    const auto metadata = session.GetModelMetadata();
    const auto value = metadata.LookupCustomMetadataMapAllocated("features", allocator);
    if (!value) throw std::runtime_error("the model does not name its features");
    const std::string text(value.get());
    const std::regex quoted("\"([^\"]*)\"");
    std::vector<std::string> names;
    for (std::sregex_iterator i(text.begin(), text.end(), quoted), end; i != end; ++i)
        names.push_back((*i)[1]);
    return names;
}

std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    std::stringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
    return cells;
}

// Position of each feature in the columns of the file.
std::vector<std::size_t> positions_of(const std::vector<std::string>& names,
                                      const std::vector<std::string>& columns) {
    std::vector<std::size_t> positions;
    for (const auto& name : names) {
        const auto found = std::find(columns.begin(), columns.end(), name);
        if (found == columns.end()) throw std::runtime_error("no column " + name);
        positions.push_back(found - columns.begin());
    }
    return positions;
}

void print_scores(Ort::Session& session, std::vector<float>& values,
                  std::size_t n_features) {
    const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    const std::array<std::int64_t, 2> shape{
        static_cast<std::int64_t>(values.size() / n_features),
        static_cast<std::int64_t>(n_features)};
    const auto input = Ort::Value::CreateTensor<float>(
        memory, values.data(), values.size(), shape.data(), shape.size());
    const char* inputs[] = {"features"};
    const char* outputs[] = {"score"};
    const auto result =
        session.Run(Ort::RunOptions{}, inputs, &input, 1, outputs, 1);
    const double* score = result[0].GetTensorData<double>();
    for (std::int64_t i = 0; i < shape[0]; ++i) std::cout << score[i] << '\n';
    values.clear();
}

void score_events(const std::string& model_path, const std::string& events_path) {
    Ort::Env env;
    Ort::Session session(env, model_path.c_str(), Ort::SessionOptions{});
    std::ifstream events(events_path);
    std::string line;
    if (!std::getline(events, line)) throw std::runtime_error("no line in " + events_path);
    const auto columns = cells_of(line);
    const auto positions = positions_of(features_of(session), columns);
    std::cout << std::setprecision(std::numeric_limits<double>::max_digits10);
    std::vector<float> values;
    while (std::getline(events, line)) {
        auto cells = cells_of(line);
        // A last value that is missing has no cell.
        cells.resize(columns.size());
        for (const auto position : positions) {
            const auto& cell = cells.at(position);
            values.push_back(cell.empty() ? std::numeric_limits<float>::quiet_NaN()
                                          : std::stof(cell));
        }
        if (values.size() == BATCH * positions.size())
            print_scores(session, values, positions.size());
    }
    if (!values.empty()) print_scores(session, values, positions.size());
}

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "Usage: score_events ensemble.onnx events.csv\n";
        return 2;
    }
    try {
        score_events(argv[1], argv[2]);
    } catch (const std::exception& error) {
        std::cerr << "score_events: " << error.what() << '\n';
        return 1;
    }
}
