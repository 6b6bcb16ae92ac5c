package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
)

// state is what one run of the bot leaves for the next one.
type state struct {
	path  string
	saved []byte

	// Token makes the bot the same guest again. It is a secret.
	Token string `json:"token"`
	// DeviceID is the same at each start, so a new stream replaces one that is still open.
	DeviceID string `json:"device_id"`
	// LogID and Incarnation say which copy of which log gave the sequence.
	LogID       string `json:"log_id"`
	Incarnation string `json:"incarnation"`
	// Sequence is the last event that was handled.
	Sequence int64 `json:"sequence"`
}

// load reads the state; without a file it returns that of a new guest.
func load(path string) (*state, error) {
	kept := &state{path: path, DeviceID: rand.Text()}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return kept, nil
	}
	if err == nil {
		err = json.Unmarshal(text, kept)
	}
	return kept, err
}

// save replaces the file as a whole, so a crash leaves the old state or the new one.
func (s *state) save() error {
	text, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return err
	}
	if bytes.Equal(text, s.saved) {
		return nil
	}
	part := s.path + ".part"
	if err := os.WriteFile(part, append(text, '\n'), 0o600); err != nil {
		return err
	}
	s.saved = text
	return os.Rename(part, s.path)
}
